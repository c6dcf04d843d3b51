import { describe, expect, it } from '@jest/globals';
import { AccountQuarantine, firstPauseMs, longestPauseMs } from './account-quarantine.ts';
import { FakeClock } from '../tests/fake-clock.ts';

function setUp(gracePeriodMs = 3_600_000) {
  const clock = new FakeClock();
  const released: string[] = [];
  const quarantine = new AccountQuarantine({ clock, gracePeriodMs });
  const add = (linkId: string, account: string) =>
    quarantine.add(linkId, account, () => void released.push(`${linkId} ${account}`));
  return { clock, released, quarantine, add };
}

describe(AccountQuarantine, () => {
  it('releases an account after a pause that grows with each failure, up to a limit', async () => {
    const { clock, released, add } = setUp();
    const pauses: number[] = [];

    for (let failure = 0; failure < 12; failure += 1) {
      const pauseMs = add('link', 'a');
      pauses.push(pauseMs);
      await clock.advance(pauseMs - 1);
      expect(released).toHaveLength(failure);
      await clock.advance(1);
      expect(released).toHaveLength(failure + 1);
    }

    expect(pauses.slice(0, 3)).toEqual([firstPauseMs, 2 * firstPauseMs, 4 * firstPauseMs]);
    expect(pauses.at(-1)).toBe(longestPauseMs);
  });

  it('releases nothing that its agent has taken back, or whose link is gone', async () => {
    const { clock, released, quarantine, add } = setUp();
    add('one', 'a');
    add('one', 'b');
    add('two', 'a');

    quarantine.forget('one', 'a');
    quarantine.forgetLink('two');
    await clock.advance(firstPauseMs);

    expect(released).toEqual(['one b']);
  });

  it('keeps no account apart until its grace period is over', () => {
    expect(setUp(1000).add('link', 'a')).toBe(500);
  });

  it('begins anew for an account that its agent has offered again', () => {
    const { quarantine, add } = setUp();
    add('link', 'a');
    quarantine.forget('link', 'a');

    expect(add('link', 'a')).toBe(firstPauseMs);
  });
});
