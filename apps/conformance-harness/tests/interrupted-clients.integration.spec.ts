// Ctrl-C, a hundred times in a row and a hundred times at once, in the middle of watches, followed
// logs, commands and forwarded ports: a second later nothing is left of them, not in the bridge, not
// in the agent, not at the API server; no tunnel, no socket, and no memory.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ClusterHandle,
  isUnavailable,
  type ProgramHandle,
  startCluster,
} from '@fairlead/testbed';
import { parseSamples, sumOf } from '../src/installation/prometheus-text.ts';
import { eventually } from './eventually.ts';
import { liveBytes, liveObjects } from './heap-snapshot.ts';
import { prepareWay, startGateway, type Gateway } from './kubectl-ways.ts';
import { runStep } from './kubectl-run.ts';
import { type LongRequest, longRequests, startLongRequest } from './passing-clients.ts';
import { socketsOf } from './process-sockets.ts';

const startMs = 900_000;
const timeoutMs = 120_000;
const clients = 100;
/** The promise is one second. */
const freedWithinMs = 1_000;
const kinds = Object.keys(longRequests) as LongRequest[];

/** What a hundred requests would each have left behind, in a program. */
const mostLeftBytes = 2 * 2 ** 20;
/** Other things come and go, too: a list of measurements, a timer. */
const mostLeftObjects = clients;

/** What there is of requests under way. */
interface UnderWay {
  /** Tunnels that are busy. */
  readonly tunnels: number;
  /** Connections of clients at the bridge, beside the one that asks for this. */
  readonly clients: number;
  /** Connections from the agent to the API server. */
  readonly agent: number;
  /** Watches, logs, commands and ports that the API server serves in the namespace. */
  readonly served: number;
}

const isHere = process.platform === 'linux' && !isUnavailable('cluster');

(isHere ? describe : describe.skip)('clients that are interrupted', () => {
  const stack = new AsyncDisposableStack();
  let cluster: ClusterHandle;
  let gateway: Gateway;
  let atRest: UnderWay;

  beforeAll(async () => {
    cluster = stack.use(await startCluster());
    gateway = stack.use(
      await startGateway({
        ...{ kube: cluster.kube, door: 'open' },
        nodeArgs: ['--heapsnapshot-signal=SIGUSR2'],
      }),
    );
    const way = stack.use(await prepareWay('interrupted', { cluster }));
    for (const command of [
      'kubectl apply -f echo.yaml -f configmap.yaml',
      'kubectl wait --for=condition=Ready pod/echo --timeout=60s',
    ]) {
      const { code, stderr } = await runStep({ command }, way);
      if (code !== 0) throw new Error(stderr);
    }
    // Whatever is made once and kept is made now.
    await interruptInARow(20);
    await interruptAtOnce(20);
    atRest = await untilStill();
  }, startMs);

  afterAll(() => stack.disposeAsync(), 60_000);

  async function underWay(): Promise<UnderWay> {
    const { bridge, agent } = gateway;
    const tunnels = sumOf(await bridge.metrics(), 'fairlead_bridge_tunnels', { state: 'busy' });
    const atBridge = await socketsOf(bridge.program.pid ?? 0);
    const atAgent = await socketsOf(agent.program.pid ?? 0);
    const { body } = await cluster.kube.request({ path: '/metrics' });
    const served = parseSamples(String(body)).filter(
      ({ labels }) => labels.scope === 'namespace' || labels.scope === 'resource',
    );
    const { port } = new URL(bridge.url);
    return {
      tunnels,
      clients: atBridge.filter((each) => !each.isListening && each.local.endsWith(`:${port}`))
        .length,
      agent: atAgent.filter(({ remote }) => remote.endsWith(`:${String(cluster.kube.port)}`))
        .length,
      served: sumOf(served, 'apiserver_longrunning_requests'),
    };
  }

  /** What is there when nothing more changes. */
  async function untilStill(): Promise<UnderWay> {
    let last = await underWay();
    return eventually(
      async () => {
        const now = await underWay();
        const isStill = JSON.stringify(now) === JSON.stringify(last) && now.tunnels === 0;
        last = now;
        return isStill && now;
      },
      { what: 'nothing is under way' },
    );
  }

  async function interruptInARow(times: number): Promise<void> {
    for (let time = 0; time < times; time++) {
      const client = await startLongRequest(gateway.url, kinds[time % kinds.length]!);
      client.leave();
    }
  }

  async function interruptAtOnce(times: number): Promise<UnderWay> {
    const all = await Promise.all(
      Array.from({ length: times }, (_, time) =>
        startLongRequest(gateway.url, kinds[time % kinds.length]!),
      ),
    );
    const meanwhile = await underWay();
    for (const client of all) client.leave();
    return meanwhile;
  }

  /** Waits as long as is promised, and says what is left then. */
  async function leftOver(): Promise<readonly string[]> {
    let left: readonly string[] = [];
    const isFreed = async () => {
      left = moreThan(atRest, await underWay());
      return left.length === 0;
    };
    await eventually(isFreed, { what: 'all is freed', timeoutMs: freedWithinMs }).catch(
      // What is left says more than that something is.
      () => undefined,
    );
    return left;
  }

  it(
    'leave nothing behind, one after the other',
    async () => {
      await interruptInARow(clients);

      expect(await leftOver()).toEqual([]);
    },
    timeoutMs,
  );

  it(
    'leave nothing behind, all at once',
    async () => {
      const meanwhile = await interruptAtOnce(clients);

      expect(meanwhile.tunnels).toBe(clients);
      expect(meanwhile.served).toBeGreaterThanOrEqual(clients);
      expect(await leftOver()).toEqual([]);
    },
    timeoutMs,
  );

  it(
    'keep no memory',
    async () => {
      const programs = [gateway.bridge.program, gateway.agent.program];
      const before = await Promise.all(programs.map(snapshotOf));
      await interruptInARow(clients);
      await interruptAtOnce(clients);
      await untilStill();
      const after = await Promise.all(programs.map(snapshotOf));

      for (const [index, text] of after.entries()) {
        expect(grown(liveObjects(before[index]!), liveObjects(text))).toEqual([]);
        expect(liveBytes(text) - liveBytes(before[index]!)).toBeLessThan(mostLeftBytes);
      }
    },
    2 * timeoutMs,
  );
});

/** Fewer are as good: a connection that was kept may have been closed. */
function moreThan(atRest: UnderWay, now: UnderWay): readonly string[] {
  return (Object.keys(atRest) as (keyof UnderWay)[])
    .filter((key) => now[key] > atRest[key])
    .map((key) => `${key}: ${String(atRest[key])}, then ${String(now[key])}`);
}

/** Classes of which more objects are alive than could be by chance. */
function grown(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): readonly string[] {
  return [...after]
    .filter(([name, count]) => count - (before.get(name) ?? 0) >= mostLeftObjects)
    .map(([name, count]) => `${name}: ${String(before.get(name) ?? 0)}, then ${String(count)}`);
}

async function snapshotOf({ directory, kill }: ProgramHandle): Promise<string> {
  const found = async () => (await readdir(directory)).filter((name) => name.endsWith('snapshot'));
  for (const old of await found()) await rm(join(directory, old));
  await kill('SIGUSR2');
  return eventually(
    async () => {
      const [name] = await found();
      if (name === undefined) return undefined;
      const text = await readFile(join(directory, name), 'utf8');
      return text.trimEnd().endsWith('}') && text;
    },
    { what: 'a heap snapshot' },
  );
}
