/** Both programs over one simulated cluster, with a proxy between them that counts the link's bytes. */
import { type BenchDatabase } from '../bench/bench-ground.ts';
import { readProcessUsage } from '../bench/process-usage.ts';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../installation/programs.ts';
import { startAskedProcess } from '../watch-bench/child-process.ts';
import { type FollowedFleet } from '../watch-bench/cluster-server.ts';
import { type ProxiedBytes } from '../watch-bench/counting-proxy-main.ts';

/** The programs and their link. */
export interface ProxiedInstallation extends AsyncDisposable {
  readonly bridge: BridgeProgram;
  readonly agent: AgentProgram;
  /** What passed on the link so far, both ways; handshakes and HTTP/2's own frames included. */
  linkBytes(): Promise<number>;
  /** Largest resident set of the bridge's present process, in MiB. */
  bridgePeakMiB(): Promise<number>;
}

/** Starts them with one account, named as the fleet, on the fleet's first cluster; all kinds. */
export async function startProxied(options: {
  readonly database: BenchDatabase;
  readonly fleet: FollowedFleet;
}): Promise<ProxiedInstallation> {
  const { database, fleet } = options;
  const proxy = startAskedProcess('counting-proxy-main');
  const bridge = await startBridgeProgram({ sqlUrl: database.url });
  const [host = '', port = ''] = bridge.grpcAddress.split(':');
  const proxyPort = (await proxy.ask('listen', { host, port: Number(port) })) as number;
  const { name, kubeconfigFile } = fleet;
  const agent = await startAgentProgram({
    grpcAddress: `127.0.0.1:${String(proxyPort)}`,
    accounts: [{ name, kubeconfigFile, kinds: ['*'] }],
  });
  return {
    bridge,
    agent,
    linkBytes: async () => {
      const { up, down } = (await proxy.ask('bytes')) as ProxiedBytes;
      return up + down;
    },
    bridgePeakMiB: async () => {
      const { peakRssBytes } = await readProcessUsage(bridge.program.pid ?? 0);
      return peakRssBytes / 2 ** 20;
    },
    [Symbol.asyncDispose]: async () => {
      await agent.program.stop();
      await bridge.program.stop();
      await proxy[Symbol.asyncDispose]();
    },
  };
}
