/** `bench idle`: bytes a day on the link of an agent whose one account does not change. */
import { type BenchOptions } from '../bench/bench-options.ts';
import { type Measure, measureOf } from '../bench/bench-report.ts';
import { untilSynced } from '../bench/until-synced.ts';
import { startAgentProgram, startBridgeProgram } from '../installation/programs.ts';
import { startAskedProcess } from './child-process.ts';
import { startClusterServer } from './cluster-server.ts';
import { type ProxiedBytes } from './counting-proxy-main.ts';

const objects = 1_000;
/** Long enough for every bookmark and several heartbeats: an API server sends one a minute. */
const windowMs = 60_000;
const dayMs = 86_400_000;
/** What a sync leaves behind (acknowledgements, window updates) has passed by then. */
const settleMs = 5_000;

/** Each run is a minute of the same link; a day is so many of them. */
export async function benchIdle({ runs, progress }: BenchOptions): Promise<readonly Measure[]> {
  await using server = await startClusterServer({ idle: { objectsPerCluster: objects } });
  const { name, kubeconfigFile } = server.fleet('idle');
  await using proxy = startAskedProcess('counting-proxy-main');
  const bridge = await startBridgeProgram({ sqlUrl: 'embedded:./data' });
  const [host = '', port = ''] = bridge.grpcAddress.split(':');
  const proxyPort = (await proxy.ask('listen', { host, port: Number(port) })) as number;
  const agent = await startAgentProgram({
    grpcAddress: `127.0.0.1:${String(proxyPort)}`,
    accounts: [{ name, kubeconfigFile }],
  });
  try {
    await untilSynced(bridge.url, name);
    await pause(settleMs);
    const read = async () => (await proxy.ask('bytes')) as ProxiedBytes;
    const up: number[] = [];
    const down: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const before = await read();
      await pause(windowMs);
      const after = await read();
      up.push(after.up - before.up);
      down.push(after.down - before.down);
      progress(
        `minute ${String(run + 1)}: ${String(up.at(-1))} bytes up, ${String(down.at(-1))} down`,
      );
    }
    const aDay = (bytes: number): number => (bytes * (dayMs / windowMs)) / 1e6;
    const both = up.map((bytes, minute) => aDay(bytes + (down[minute] ?? 0)));
    return [
      measureOf(both, { name: 'idle account: the link', unit: 'MB/day', target: '< 1' }),
      measureOf(up.map(aDay), { name: 'idle account: agent to bridge', unit: 'MB/day' }),
      measureOf(down.map(aDay), { name: 'idle account: bridge to agent', unit: 'MB/day' }),
    ];
  } finally {
    await agent.program.stop();
    await bridge.program.stop();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
