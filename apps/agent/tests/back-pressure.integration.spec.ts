/**
 * A bridge that takes nothing holds the API server back: bytes pile up neither in the agent nor, for
 * want of readers, on their way to it. Seen from a relay between the two, which counts them.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFleet, type Fleet } from '@fairlead/cluster-sim';
import { createLogger, loadConfig, type Lifecycle } from '@fairlead/service-kit';
import { agentConfigDefinition } from '../src/config.ts';
import { startAgentService, type AgentService } from '../src/node-agent-service.ts';
import { settle } from '../src/testing/manual-clock.ts';
import { FakeBridge } from './fake-bridge.ts';

const podCount = 160;
const podBytes = 256 * 1024;
const budgetBytes = 1024 * 1024;
/** Both kernel buffers of a loopback connection and those of the relay, generously. */
const onTheWayBytes = 16 * 1024 * 1024;

let directory: string;
let bridge: FakeBridge;
let fleet: Fleet;
let relay: Server;
let relayedBytes: number;
const sockets: Socket[] = [];
const releases: (() => Promise<void> | void)[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairlead-pressure-'));
  bridge = new FakeBridge();
  await bridge.start();
  fleet = await startFleet({ clusters: 1, objectsPerCluster: 20, seed: 3 });
  relayedBytes = 0;
  await startRelay(Number(new URL(fleet.cluster('sim-1').url).port));
});

afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
  for (const socket of sockets.splice(0)) socket.destroy();
  relay.close();
  bridge.stop();
  await fleet.stop();
  await rm(directory, { recursive: true });
});

/** Passes bytes on as fast as they are read, and counts those that the agent gets. */
async function startRelay(port: number): Promise<void> {
  relay = createServer((agentSide) => {
    const clusterSide = connect(port, '127.0.0.1');
    sockets.push(agentSide, clusterSide);
    for (const one of [agentSide, clusterSide]) one.on('error', () => undefined);
    clusterSide.on('data', (chunk: Buffer) => (relayedBytes += chunk.length));
    clusterSide.pipe(agentSide).pipe(clusterSide);
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
}

function createPod(index: number): void {
  fleet.cluster('sim-1').create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: 'default',
      name: `large-${index}`,
      annotations: { padding: String(index % 10).repeat(podBytes) },
    },
    spec: { containers: [{ name: 'main', image: 'nginx' }] },
  });
}

async function startAgent(): Promise<AgentService> {
  const { port } = relay.address() as AddressInfo;
  const { url } = fleet.cluster('sim-1');
  const kubeconfig = fleet.kubeconfig().replaceAll(url, `http://127.0.0.1:${port}`);
  await writeFile(join(directory, 'kubeconfig'), kubeconfig);
  const kubeconfigFile = join(directory, 'kubeconfig');
  const config = {
    clouddriver: { grpc: bridge.address, insecure: true },
    kubernetes: { accounts: [{ name: 'a', kubeconfigFile, context: 'sim-1', kinds: ['pod'] }] },
    budget: { inFlightBytes: budgetBytes, inFlightBytesPerAccount: budgetBytes },
    server: { port: 0 },
    prometheus: { enabled: false },
  };
  await writeFile(join(directory, 'agent.yaml'), JSON.stringify(config));
  const sources = { files: [join(directory, 'agent.yaml')] };
  const loaded = await loadConfig(agentConfigDefinition, sources);
  const { result } = loaded;
  if (result.kind === 'invalid') throw new Error(JSON.stringify(result.problems));
  const lifecycle: Lifecycle = {
    signal: new AbortController().signal,
    onStop: (_name, release) => void releases.push(release),
    stop: () => undefined,
  };
  const log = createLogger({ name: 'test', level: 'silent' });
  return startAgentService({ lifecycle, sources, loaded, result, log, version: '0.0.0' });
}

async function inFlightBytes(service: AgentService): Promise<number> {
  const reply = await fetch(`http://127.0.0.1:${service.port}/metrics`);
  const found = /^fairlead_agent_in_flight_bytes (\d+)$/m.exec(await reply.text());
  return Number(found?.[1]);
}

/** Resolves when nothing has come for so many turns of the event loop, with I/O in each. */
async function stalled(turns = 100): Promise<void> {
  let before = -1;
  for (let quiet = 0; quiet < turns; quiet += 1) {
    if (relayedBytes !== before) quiet = 0;
    before = relayedBytes;
    await settle();
  }
}

/** The bridge takes all again, also what it has got and not taken. */
function takeAll(): void {
  bridge.options.acknowledges = true;
  bridge.options.returnsCredit = () => true;
  for (const { feedId, batchSeq, last } of bridge.link.parts) {
    if (last) bridge.link.send({ $case: 'ack', value: { feedId, batchSeq } });
  }
  const [feed] = bridge.link.feeds.values();
  const credit = { account: 'a', bytes: 4 * 1024 * 1024, epoch: feed?.epoch ?? 0 };
  bridge.link.send({ $case: 'credit', value: credit });
}

const names = () => new Set([...bridge.link.deltas.values()].flat().map(({ name }) => name));

describe('a bridge that takes nothing', () => {
  it.each(['list', 'watch'] as const)(
    'stops the reading of a %s, and what it would have been arrives later',
    async (what) => {
      const takeNothing = (): void => {
        bridge.options.returnsCredit = () => false;
        bridge.options.acknowledges = false;
      };
      const createAll = (): void => {
        for (let index = 0; index < podCount; index += 1) createPod(index);
      };
      if (what === 'list') {
        createAll();
        bridge.options.creditBytes = () => 1;
        takeNothing();
      }

      const service = await startAgent();
      if (what === 'watch') {
        await bridge.until(() => [...bridge.stored.values()].some((feed) => feed.checkpoint));
        takeNothing();
        createAll();
      }
      while ((await inFlightBytes(service)) < budgetBytes / 2);
      await stalled();

      expect(await inFlightBytes(service)).toBeLessThan(budgetBytes + podBytes);
      expect(relayedBytes).toBeLessThan(onTheWayBytes);
      expect(onTheWayBytes).toBeLessThan((podCount * podBytes) / 2);

      takeAll();
      const large = Array.from({ length: podCount }, (_, index) => `large-${index}`);
      await bridge.until(() => {
        const here = names();
        return large.every((name) => here.has(name));
      });
    },
    30_000,
  );
});
