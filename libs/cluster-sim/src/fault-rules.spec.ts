import { seededRandom } from './clock.ts';
import { type FaultRequest, FaultRules } from './fault-rules.ts';
import { parseTarget } from './request-target.ts';

function aRequest(path: string, query = '', connection = 0): FaultRequest {
  const parameters = new URLSearchParams(query);
  const target = parseTarget('GET', path, parameters);
  return { method: 'GET', path, query: parameters, target, connection };
}

const unavailable = { kind: 'status', code: 503 } as const;
const pods = aRequest('/api/v1/pods');

describe(FaultRules, () => {
  const rules = (): FaultRules => new FaultRules(seededRandom(1));

  it('strike nothing when there are none', () => {
    expect(rules().strike(pods)).toEqual([]);
  });

  it.each([
    [{}, true],
    [{ resource: 'pods' }, true],
    [{ resource: 'secrets' }, false],
    [{ verb: 'list' }, true],
    [{ verb: 'watch' }, false],
    [{ verb: ['watch', 'list'] }, true],
    [{ group: '' }, true],
    [{ group: 'apps' }, false],
    [{ isFurtherPage: true }, false],
    [{ isFurtherPage: false }, true],
    [{ connections: 'even' }, true],
    [{ connections: 'odd' }, false],
    [{ method: 'POST' }, false],
    [{ path: '/api/v1/pods' }, true],
    [{ path: /pods$/ }, true],
    [{ path: '/api' }, false],
    [{ when: ({ query }: FaultRequest) => query.has('limit') }, false],
  ] as const)('with match %j strike a list of pods: %s', (match, isStruck) => {
    const faults = rules();
    faults.add({ match, effect: unavailable });

    expect(faults.strike(pods)).toEqual(isStruck ? [unavailable] : []);
  });

  it('let the first ones pass, strike so many, then no more', () => {
    const faults = rules();
    const fault = faults.add({ effect: unavailable, skip: 2, count: 3 });

    const struck = Array.from({ length: 8 }, () => faults.strike(pods).length);

    expect(struck).toEqual([0, 0, 1, 1, 1, 0, 0, 0]);
    expect(fault.strikes).toBe(3);
  });

  it('strike as often as they are likely', () => {
    const faults = rules();
    const fault = faults.add({ effect: unavailable, probability: 0.3 });

    for (let index = 0; index < 1000; index++) faults.strike(pods);

    expect(fault.strikes).toBeGreaterThan(250);
    expect(fault.strikes).toBeLessThan(350);
  });

  it('tell first pages from further ones, and one connection from the next', () => {
    const faults = rules();
    const page = faults.add({ match: { isFurtherPage: true }, effect: unavailable });
    const odd = faults.add({ match: { connections: 'odd' }, effect: unavailable });

    faults.strike(aRequest('/api/v1/pods', 'continue='));
    faults.strike(aRequest('/api/v1/pods', 'continue=x'));
    for (const connection of [0, 1, 2, 3]) faults.strike(aRequest('/api/v1/pods', '', connection));

    expect([page.strikes, odd.strikes]).toEqual([1, 2]);
  });

  it('strike only in their time', () => {
    let nowMs = 5000;
    const faults = new FaultRules(seededRandom(1), { nowMs: () => nowMs });
    faults.add({ effect: unavailable, fromMs: 1000, untilMs: 3000 });

    const struck = [5999, 6000, 7999, 8000].map((time) => {
      nowMs = time;
      return faults.strike(pods).length;
    });

    expect(struck).toEqual([0, 1, 1, 0]);
  });

  it('know which effects are in force', () => {
    const faults = rules();
    const fault = faults.add({ effect: unavailable });

    expect(faults.isInForce(unavailable)).toBe(true);
    fault.remove();
    expect(faults.isInForce(unavailable)).toBe(false);
  });

  it('are taken back one by one or all at once', () => {
    const faults = rules();
    const first = faults.add({ effect: unavailable });
    const delay = { kind: 'delay', ms: 5 } as const;
    faults.add({ effect: delay });

    first.remove();
    const afterOne = faults.strike(pods);
    faults.clear();

    expect(afterOne).toEqual([delay]);
    expect(faults.strike(pods)).toEqual([]);
  });
});
