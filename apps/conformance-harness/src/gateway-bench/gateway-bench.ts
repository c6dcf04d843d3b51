/**
 * `bench gateway`: small requests, a big list, and a crowd of watches, through the gateway and, in the
 * same run, sent to the API server directly. Everything runs on this machine, in the clear: the
 * simulated cluster, the agent, the bridge with its embedded database, and the clients.
 */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { startAgentProgram, startBridgeProgram } from '../installation/programs.ts';
import { type BenchOptions } from '../bench/bench-options.ts';
import { median, type Measure, measureAgainst, measureOf } from '../bench/bench-report.ts';
import { untilSynced } from '../bench/until-synced.ts';
import { type ClusterServer, startClusterServer } from '../watch-bench/cluster-server.ts';
import { readMegabytesPerSecond } from './big-list.ts';
import { loadWithGets, type GetLoad } from './small-gets.ts';
import { WatchCrowd } from './watch-crowd.ts';

const pods = 20_000;
const watchers = 200;
const changes = 500;
const loadMs = 5_000;
const warmUpMs = 2_000;
const manyAtOnce = 32;

/** What one way gave in one run. */
interface WayRun {
  readonly alone: GetLoad;
  readonly crowded: GetLoad;
  readonly megabytesPerSecond: number;
  readonly eventsPerSecond: number;
}

/** Where to ask. */
interface Way {
  /** Of the cluster's API. */
  readonly url: string;
  /** Query of a watch that this way is best at. */
  readonly watchQuery: string;
}

/** Measures both ways, run by run. */
export async function benchGateway({ runs, progress }: BenchOptions): Promise<readonly Measure[]> {
  await using clusters = await startClusterServer({
    gateway: { clusters: 1, podsPerCluster: pods },
  });
  const { kubeconfigFile } = clusters.fleet('gateway');
  const bridge = await startBridgeProgram({ sqlUrl: 'embedded:./data' });
  const account = { name: 'bench', kubeconfigFile, context: 'sim-1', kinds: ['pod'] };
  const agent = await startAgentProgram({ grpcAddress: bridge.grpcAddress, accounts: [account] });
  try {
    await untilSynced(bridge.url, 'bench');
    const gateway = { url: `${bridge.url}/clusters/bench`, watchQuery: 'fairlead=cache' };
    const direct = { url: await serverOf(kubeconfigFile), watchQuery: '' };
    const taken: { readonly gateway: WayRun; readonly direct: WayRun }[] = [];
    for (let run = 0; run < runs; run += 1) {
      taken.push({
        direct: await runOnce(direct, clusters),
        gateway: await runOnce(gateway, clusters),
      });
      progress(`run ${String(run + 1)}: ${JSON.stringify(taken.at(-1))}`);
    }
    return measuresOf(taken);
  } finally {
    await agent.program.stop();
    await bridge.program.stop();
  }
}

async function serverOf(kubeconfigFile: string): Promise<string> {
  const config = parse(await readFile(kubeconfigFile, 'utf8')) as {
    readonly clusters: readonly { readonly cluster: { readonly server: string } }[];
  };
  return config.clusters[0]?.cluster.server ?? '';
}

async function runOnce(way: Way, clusters: ClusterServer): Promise<WayRun> {
  const list = `${way.url}/api/v1/pods`;
  const url = `${way.url}${await pathOfPod(list)}`;
  await loadWithGets({ url, atOnce: manyAtOnce, forMs: warmUpMs });
  const alone = await loadWithGets({ url, atOnce: 1, forMs: loadMs });
  const crowded = await loadWithGets({ url, atOnce: manyAtOnce, forMs: loadMs });
  await readMegabytesPerSecond(list);
  const megabytesPerSecond = await readMegabytesPerSecond(list);
  return { alone, crowded, megabytesPerSecond, eventsPerSecond: await fanOut(way, clusters) };
}

async function pathOfPod(list: string): Promise<string> {
  const answer = (await (await fetch(`${list}?limit=1`)).json()) as {
    readonly items: readonly { readonly metadata: Readonly<Record<string, string>> }[];
  };
  const { namespace = '', name = '' } = answer.items[0]?.metadata ?? {};
  return `/api/v1/namespaces/${namespace}/pods/${name}`;
}

/** Events a second that reach a crowd, from the first change to the last event of the last watch. */
async function fanOut(way: Way, clusters: ClusterServer): Promise<number> {
  const { metadata } = (await (
    await fetch(`${way.url}/api/v1/pods?limit=1&${way.watchQuery}`)
  ).json()) as { readonly metadata: { readonly resourceVersion: string } };
  const { resourceVersion } = metadata;
  const query = `watch=true&resourceVersion=${resourceVersion}&${way.watchQuery}`;
  const crowd = await WatchCrowd.open(`${way.url}/api/v1/pods?${query}`, watchers);
  const startedAt = performance.now();
  await Promise.all([clusters.pump('gateway', changes), crowd.until(changes)]);
  const seconds = (performance.now() - startedAt) / 1_000;
  crowd.close();
  return (changes * watchers) / seconds;
}

function measuresOf(
  runs: readonly { readonly gateway: WayRun; readonly direct: WayRun }[],
): readonly Measure[] {
  const beside = (
    pick: (run: WayRun) => number,
    facts: Parameters<typeof measureOf>[1],
    better: 'less' | 'more',
  ): Measure =>
    measureAgainst(
      measureOf(
        runs.map(({ gateway }) => pick(gateway)),
        facts,
      ),
      { peer: 'direct', peerValue: median(runs.map(({ direct }) => pick(direct))), better },
    );
  const addedMs = runs.map(({ gateway, direct }) => gateway.alone.p50Ms - direct.alone.p50Ms);
  const added = { name: 'small GET, one at a time: added at p50', unit: 'ms', target: '<= 3' };
  return [
    measureOf(addedMs, added),
    beside(({ alone }) => alone.p50Ms, { name: 'small GET p50', unit: 'ms' }, 'less'),
    beside(({ alone }) => alone.p99Ms, { name: 'small GET p99', unit: 'ms' }, 'less'),
    beside(
      ({ crowded }) => crowded.perSecond,
      { name: `small GETs, ${String(manyAtOnce)} at a time`, unit: '1/s', target: '>= 2000' },
      'more',
    ),
    beside(({ crowded }) => crowded.p99Ms, { name: 'the same, p99', unit: 'ms' }, 'less'),
    beside(
      ({ megabytesPerSecond }) => megabytesPerSecond,
      { name: `list of ${String(pods)} Pods, one stream`, unit: 'MB/s', target: '>= 150' },
      'more',
    ),
    beside(
      ({ eventsPerSecond }) => eventsPerSecond,
      { name: `events to ${String(watchers)} watches from the cache`, unit: '1/s' },
      'more',
    ),
  ];
}
