import { seededRandom } from './clock.ts';
import { type FaultRequest, FaultRules } from './fault-rules.ts';
import { parseTarget } from './request-target.ts';

function aRequest(path: string, method = 'GET', query = ''): FaultRequest {
  const parameters = new URLSearchParams(query);
  return { method, path, query: parameters, target: parseTarget(method, path, parameters) };
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
