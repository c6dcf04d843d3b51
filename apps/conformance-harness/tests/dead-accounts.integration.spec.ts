// Hundreds of accounts in one agent, a fourth of them dead in one way or another: the live ones are
// listed once each and in sync before a single mute cluster is even given up.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fleet, type SimCluster, startFleet } from '@fairlead/cluster-sim';
import { freePort } from '@fairlead/testbed';
import { stringify } from 'yaml';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { sumOf } from '../src/installation/prometheus-text.ts';
import { type AgentAccount, agentAccounts } from './agent-questions.ts';
import { eventually } from './eventually.ts';

const liveCount = 150;
const deadOfEach = 15;
const kinds = ['pod', 'configMap', 'deployment'];
/** Fewer than the lists that dead clusters leave unanswered at the same time. */
const listsAtOnce = 20;

type Death = 'mute' | 'refused' | 'garbled' | 'failing' | 'silent lists';

describe('hundreds of accounts of which some are dead', () => {
  const stack = new AsyncDisposableStack();
  let live: Fleet;
  let bridge: BridgeProgram;
  let agent: AgentProgram;
  const dead = new Map<Death, readonly string[]>();
  /** What the agent said of its accounts at the moment when the last live one was in sync. */
  let atThatMoment: ReadonlyMap<string, AgentAccount>;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-dead-accounts-'));
    stack.defer(() => rm(folder, { recursive: true }));
    live = await startFleet({ clusters: liveCount, objectsPerCluster: 40 });
    stack.defer(() => live.stop());
    const halfDead = await startFleet({ clusters: deadOfEach, objectsPerCluster: 40 });
    stack.defer(() => halfDead.stop());
    for (const { faults } of halfDead.clusters) {
      // In whatever way it is asked for its objects.
      for (const verb of ['list', 'watch'] as const) {
        faults.add({ match: { verb }, effect: { kind: 'stall', afterBytes: 200 } });
      }
    }
    const mute = await serve(() => undefined);
    const garbled = await serve(
      (socket) => void socket.end('\u0000\u0001 not HTTP at all \r\n\r\n'),
    );
    const failing = await serve((socket) => void socket.end(htmlError));
    const file = async (name: string, text: string): Promise<string> => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    };
    const liveFile = await file('live.yaml', live.kubeconfig());
    const halfDeadFile = await file('half-dead.yaml', halfDead.kubeconfig());
    const deadFiles: Readonly<Record<Exclude<Death, 'silent lists'>, string>> = {
      mute: await file('mute.yaml', kubeconfigFor(mute)),
      refused: await file('refused.yaml', kubeconfigFor(await freePort())),
      garbled: await file('garbled.yaml', kubeconfigFor(garbled)),
      failing: await file('failing.yaml', kubeconfigFor(failing)),
    };
    bridge = await startBridgeProgram({ sqlUrl: 'embedded:./data' });
    stack.defer(() => bridge.program.stop());
    const deadAccounts = [
      ...Object.entries(deadFiles).flatMap(([death, kubeconfigFile]) =>
        namesOf(death as Death).map((name) => ({ name, kubeconfigFile, kinds })),
      ),
      ...namesOf('silent lists').map((name, index) => ({
        ...{ name, kubeconfigFile: halfDeadFile, context: `sim-${String(index + 1)}` },
        kinds,
      })),
    ];
    agent = await startAgentProgram({
      grpcAddress: bridge.grpcAddress,
      // The dead ones first, so that they are in everybody's way.
      accounts: [
        ...deadAccounts,
        ...live.clusters.map(({ name }) => ({
          ...{ name: `live-${name}`, kubeconfigFile: liveFile, context: name },
          kinds,
        })),
      ],
      config: { tasks: { totalBudget: listsAtOnce, budgetPerAccount: 2 } },
    });
    stack.defer(() => agent.program.stop());
    await eventually(async () => (await syncedAccounts(bridge)).length === liveCount, {
      what: 'every live account is in sync',
      timeoutMs: 150_000,
    });
    atThatMoment = await agentAccounts(agent);
  }, 240_000);

  afterAll(() => stack.disposeAsync(), 60_000);

  function namesOf(death: Death): readonly string[] {
    const names = Array.from({ length: deadOfEach }, (_, index) => {
      return `${death.replace(' ', '-')}-${String(index + 1)}`;
    });
    dead.set(death, names);
    return names;
  }

  async function serve(answer: (socket: Socket) => void): Promise<number> {
    const sockets = new Set<Socket>();
    const server: Server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => answer(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stack.defer(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    });
    return (server.address() as AddressInfo).port;
  }

  it('are in sync before a mute cluster is given up', () => {
    const mute = (dead.get('mute') ?? []).map((name) => atThatMoment.get(name));

    expect(mute).toHaveLength(deadOfEach);
    for (const account of mute) {
      expect(account).toMatchObject({ state: 'identifying', reason: '' });
    }
  });

  it('are asked for each object once, as if they were alone', async () => {
    // An account is in sync without its definitions of custom types, which are read besides.
    const areRead = () => live.clusters.every((cluster) => probesOf(cluster) >= 0);
    await eventually(() => Promise.resolve(areRead()), { what: 'every object is read' });

    // A feed may ask where the server is by a list of one object.
    const most = Math.max(...live.clusters.map(probesOf));
    expect(most).toBeLessThanOrEqual(kinds.length);
    expect(sumOf(await agent.metrics(), 'fairlead_agent_relists_total')).toBe(0);
  }, 90_000);

  it('are all that the bridge shows in sync', async () => {
    const names = live.clusters.map(({ name }) => `live-${name}`);

    expect((await syncedAccounts(bridge)).toSorted()).toEqual(names.toSorted());
  });

  it.each(['refused', 'garbled', 'failing'] as const)('leave a reason with each: %s', (death) => {
    for (const name of dead.get(death) ?? []) {
      expect(atThatMoment.get(name)?.reason).not.toBe('');
    }
  });
});

/** Objects served beyond those that are followed. */
function probesOf(cluster: SimCluster): number {
  const { objectsServed, initialEventsServed } = cluster.stats;
  return objectsServed + initialEventsServed - followedObjects(cluster);
}

/** Those of the kinds that are cached, and the definitions of custom types. */
function followedObjects(cluster: SimCluster): number {
  return [
    { apiVersion: 'v1', kind: 'Pod' },
    { apiVersion: 'v1', kind: 'ConfigMap' },
    { apiVersion: 'apps/v1', kind: 'Deployment' },
    { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
  ].reduce((sum, kind) => sum + cluster.list(kind).length, 0);
}

const page = '<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>';
const htmlError =
  'HTTP/1.1 503 Service Temporarily Unavailable\r\ncontent-type: text/html\r\n' +
  `content-length: ${String(page.length)}\r\nconnection: close\r\n\r\n${page}`;

function kubeconfigFor(port: number): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'dead',
    clusters: [{ name: 'dead', cluster: { server: `http://127.0.0.1:${String(port)}` } }],
    users: [{ name: 'dead', user: {} }],
    contexts: [{ name: 'dead', context: { cluster: 'dead', user: 'dead' } }],
  });
}

/** Names of all accounts in sync, however many pages they take. */
async function syncedAccounts(bridge: BridgeProgram): Promise<readonly string[]> {
  const names: string[] = [];
  let next = '';
  do {
    const response = await fetch(`${bridge.url}/api/v1/accounts?limit=100&continue=${next}`);
    const page = (await response.json()) as {
      readonly items: readonly { readonly name: string; readonly state: string }[];
      readonly continue?: string;
    };
    names.push(...page.items.filter(({ state }) => state === 'synced').map(({ name }) => name));
    next = encodeURIComponent(page.continue ?? '');
  } while (next !== '');
  return names;
}
