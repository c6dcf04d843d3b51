// The agent opens no port but those of its configuration, and dials nobody but its bridge and its
// API servers: read from the kernel while it syncs, watches, and has lost everybody.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fleet, startFleet } from '@fairlead/cluster-sim';
import { freePort } from '@fairlead/testbed';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { untilAccount } from './bridge-questions.ts';
import { eventually } from './eventually.ts';
import { type ProcessSocket, socketsOf } from './process-sockets.ts';

(process.platform === 'linux' ? describe : describe.skip)('the sockets of an agent', () => {
  let folder: string;
  let clear: Fleet;
  let secure: Fleet;
  let bridge: BridgeProgram;
  let agent: AgentProgram;
  let prometheusPort: number;
  /** Every socket that was seen, at any time. */
  const seen = new Map<string, ProcessSocket>();
  const looked = { times: 0 };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fairlead-outbound-'));
    clear = await startFleet({ clusters: 2, objectsPerCluster: 500, churnPerSecond: 20 });
    secure = await startFleet({ clusters: 1, objectsPerCluster: 500, tls: true });
    const [clearFile, secureFile] = [join(folder, 'clear.yaml'), join(folder, 'secure.yaml')];
    await writeFile(clearFile, clear.kubeconfig());
    await writeFile(secureFile, secure.kubeconfig());
    bridge = await startBridgeProgram({ sqlUrl: 'embedded:./data' });
    prometheusPort = await freePort();
    agent = await startAgentProgram({
      grpcAddress: bridge.grpcAddress,
      accounts: [
        { name: 'clear-1', kubeconfigFile: clearFile, context: 'sim-1' },
        { name: 'clear-2', kubeconfigFile: clearFile, context: 'sim-2' },
        { name: 'secure-1', kubeconfigFile: secureFile },
      ],
      config: { prometheus: { enabled: true, host: '127.0.0.1', port: prometheusPort } },
    });
    let isDone = false;
    const watching = lookUntil(() => isDone);
    for (const account of ['clear-1', 'clear-2', 'secure-1']) {
      await untilAccount(bridge.url, account);
    }
    await bridge.program.kill('SIGKILL');
    clear.clusters[0]?.disconnectWatches();
    await bridge.program.start();
    await untilAccount(bridge.url, 'clear-1');
    isDone = true;
    await watching;
  }, 120_000);

  afterAll(async () => {
    await agent.program.stop();
    await bridge.program.stop();
    await clear.stop();
    await secure.stop();
    await rm(folder, { recursive: true });
  }, 60_000);

  function lookUntil(isDone: () => boolean): Promise<true> {
    return eventually(
      async () => {
        for (const socket of await socketsOf(agent.program.pid ?? 0)) {
          seen.set(JSON.stringify(socket), socket);
        }
        looked.times += 1;
        return isDone();
      },
      { what: 'the accounts are in sync again', timeoutMs: 100_000 },
    );
  }

  const portOf = (address: string): number => Number(address.split(':').at(-1));
  const ownPorts = () => [portOf(agent.url), prometheusPort].sort();
  const all = () => [...seen.values()];

  it('listen on the ports of its configuration and on no other', () => {
    const ports = all().filter(({ isListening }) => isListening);

    expect(looked.times).toBeGreaterThan(5);
    expect([...new Set(ports.map(({ local }) => portOf(local)))].sort()).toEqual(ownPorts());
  });

  it('lead to the bridge and to the API servers, and nowhere else', () => {
    const servers = [...clear.clusters, ...secure.clusters].map(({ url }) => new URL(url).host);
    const dialled = all()
      .filter(({ protocol, isListening }) => protocol === 'tcp' && !isListening)
      // Connections that somebody else made to its own ports.
      .filter(({ local }) => !ownPorts().includes(portOf(local)))
      .map(({ remote }) => remote);

    expect([...new Set(dialled)].sort()).toEqual([bridge.grpcAddress, ...servers].sort());
  });

  it('speak no UDP: addresses need no look-up here', () => {
    expect(all().filter(({ protocol }) => protocol === 'udp')).toEqual([]);
  });
});
