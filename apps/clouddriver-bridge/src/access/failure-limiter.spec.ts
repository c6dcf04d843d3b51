import { describe, expect, it } from '@jest/globals';
import { FailureLimiter, networkOf } from './failure-limiter.ts';

function aLimiter(limits = { burst: 3, windowMs: 60_000 }) {
  const clock = { ms: 1_000_000, nowMs: () => clock.ms };
  return { limiter: new FailureLimiter(limits, clock), clock };
}

function failTimes(limiter: FailureLimiter, address: string, times: number): void {
  for (let count = 0; count < times; count += 1) limiter.charge(address);
}

describe(FailureLimiter, () => {
  it('lets an address fail as often as it may, and no more', () => {
    const { limiter } = aLimiter();

    failTimes(limiter, '10.0.0.1', 2);
    expect(limiter.waitMs('10.0.0.1')).toBe(0);
    failTimes(limiter, '10.0.0.1', 1);

    expect(limiter.waitMs('10.0.0.1')).toBe(20_000);
    expect(limiter.waitMs('10.0.0.2')).toBe(0);
  });

  it('forgives with time', () => {
    const { limiter, clock } = aLimiter();
    failTimes(limiter, '10.0.0.1', 3);

    clock.ms += 19_999;
    expect(limiter.waitMs('10.0.0.1')).toBeGreaterThan(0);
    clock.ms += 1;

    expect(limiter.waitMs('10.0.0.1')).toBe(0);
  });

  it('does not count what was forgiven', () => {
    const { limiter } = aLimiter();

    for (let count = 0; count < 50; count += 1) {
      limiter.charge('10.0.0.1');
      limiter.forgive('10.0.0.1');
    }

    expect(limiter.waitMs('10.0.0.1')).toBe(0);
  });

  it('does not let a clock that is set back forgive or punish', () => {
    const { limiter, clock } = aLimiter();
    failTimes(limiter, '10.0.0.1', 3);

    clock.ms -= 3_600_000;

    expect(limiter.waitMs('10.0.0.1')).toBe(20_000);
  });

  it('remembers a bounded number of addresses, those that failed last', () => {
    const { limiter } = aLimiter({ burst: 1, windowMs: 60_000, ...{ maxAddresses: 2 } });

    for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) limiter.charge(address);

    expect(limiter.waitMs('10.0.0.1')).toBe(0);
    expect(limiter.waitMs('10.0.0.2')).toBeGreaterThan(0);
    expect(limiter.waitMs('10.0.0.3')).toBeGreaterThan(0);
  });
});

describe(networkOf, () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', ''],
  ])('takes %s for %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
