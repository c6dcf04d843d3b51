import { createManualClock } from './clock.ts';
import { namedFaults, parseFault, type ParsedFault } from './named-faults.ts';
import { SimCluster } from './sim-cluster.ts';
import { startFault } from './start-fault.ts';

const parsed = (text: string): ParsedFault => {
  const fault = parseFault(text);
  if (typeof fault === 'string') throw new Error(fault);
  return fault;
};
const values: Readonly<Record<string, string>> = {
  'group/version': 'metrics.k8s.io/v1beta1',
  probability: '0.5',
  resource: 'pods',
  version: 'v1.36.0',
};

describe(parseFault, () => {
  it('reads a name and a value', () => {
    expect(parsed('unavailable=0.25')).toMatchObject({
      value: '0.25',
      fromMs: 0,
      untilMs: Infinity,
    });
  });

  it.each([
    ['forbidden=secrets@10', 10_000, Infinity],
    ['forbidden=secrets@0.5-30', 500, 30_000],
  ])('reads the time in %s', (text, fromMs, untilMs) => {
    expect(parsed(text)).toMatchObject({ text, fromMs, untilMs });
  });

  it.each([
    'nothing=1',
    'constructor=1',
    'unavailable',
    'unavailable=',
    'unavailable=2',
    'slow=-1',
    'slow=x',
    'upgrade=1.36',
    'api-down=metrics',
    'forbidden=pods@later',
  ])('says what is wrong with %s', (text) => {
    expect(typeof parseFault(text)).toBe('string');
  });
});

describe(startFault, () => {
  const aCluster = (): SimCluster =>
    new SimCluster('sim', { clock: createManualClock(), seed: 'x' });

  it.each(Object.entries(namedFaults))('puts %s in force and takes it back', (name, { value }) => {
    const cluster = aCluster();
    const text = `${name}=${values[value] ?? '1'}`;

    const fault = startFault(cluster, parsed(text));

    expect(cluster.faults.active).toEqual([expect.objectContaining({ id: fault.id, name: text })]);
    fault.remove();
    expect(cluster.faults.active).toEqual([]);
    cluster.stop();
  });

  it('makes incidents happen only in their time', async () => {
    const clock = createManualClock();
    const cluster = new SimCluster('sim', { clock, seed: 'x' });
    const fault = startFault(cluster, parsed('compact=10@100-125'));

    const strikes: number[] = [];
    for (let second = 0; second < 200; second += 50) {
      strikes.push(fault.strikes);
      await clock.advance(50_000);
    }

    expect(strikes).toEqual([0, 0, 0, 2]);
    expect(fault.strikes).toBe(2);
    cluster.stop();
  });

  it('stops incidents that were taken back', async () => {
    const clock = createManualClock();
    const cluster = new SimCluster('sim', { clock, seed: 'x' });
    const fault = startFault(cluster, parsed('rotate-token=10'));
    const first = cluster.token;

    await clock.advance(10_000);
    const second = cluster.token;
    cluster.faults.clear();
    await clock.advance(100_000);

    expect([first, second, cluster.token]).toEqual(['token-1', 'token-2', 'token-2']);
    expect(fault.strikes).toBe(2);
    expect(clock.sleeping).toBe(0);
  });
});
