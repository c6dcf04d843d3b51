/** `bench sync`: the initial sync of one simulated cluster through both programs. */
import { sumOf } from '../installation/prometheus-text.ts';
import {
  type BenchClusters,
  type BenchDatabase,
  type BenchInstallation,
  type BenchServer,
  type DatabaseKind,
  databaseKinds,
  startBenchServer,
  startClusters,
  startInstallation,
} from './bench-ground.ts';
import { type Measure, measureOf } from './bench-report.ts';
import { type BenchOptions } from './bench-options.ts';
import { readTreeCpuSeconds } from './process-tree-usage.ts';
import { readProcessUsage } from './process-usage.ts';
import { untilSynced } from './until-synced.ts';

/** 50,000 in all: every kind and relation that there is, and mostly Pods of 3.2 KB. */
const objects = 2_000;
const pods = 48_000;
const mebibyte = 2 ** 20;

/** Objects a second. */
const targets: Readonly<Record<DatabaseKind, string>> = {
  postgres: '>= 15000',
  mariadb: '>= 10000',
  embedded: '>= 12000',
};

/** CPU time in seconds; `undefined` without a database server. */
interface SyncCpu {
  readonly agent: number;
  readonly bridge: number;
  readonly database: number | undefined;
  readonly simulator: number;
}

interface SyncRun {
  readonly objectsPerSecond: number;
  readonly agentMiB: number;
  readonly bridgeMiB: number;
  readonly microsPerObject: SyncCpu;
}

/** Measures objects/s, peak RSS and CPU of each process, into each database. */
export async function benchSync({
  runs: count,
  progress,
}: BenchOptions): Promise<readonly Measure[]> {
  await using clusters = await startClusters({ clusters: 1, objects, pods, churn: 0 });
  const measures: Measure[] = [];
  for (const database of databaseKinds) {
    const runs: SyncRun[] = [];
    await using server = await startBenchServer(database);
    for (let run = 0; run < count; run += 1) {
      const result = await runOnce(server, clusters);
      runs.push(result);
      progress(`${database}: run ${String(run + 1)}: ${describe(result)}`);
    }
    measures.push(...measuresOf(database, runs));
  }
  return measures;
}

async function runOnce(server: BenchServer, clusters: BenchClusters): Promise<SyncRun> {
  await using database = await server.createDatabase();
  const databaseBefore = await databaseCpu(database);
  const simulatorBefore = (await readProcessUsage(clusters.program.pid ?? 0)).cpuSeconds;
  await using installation = await startInstallation({
    database,
    clusters,
    context: 'sim-1',
    kinds: ['*'],
  });
  const { bridge, agent } = installation;
  const { seconds } = await untilSynced(bridge.url, 'bench');
  const committed = sumOf(await bridge.metrics(), 'fairlead_bridge_deltas_committed_total');
  if (committed < objects + pods) throw new Error(`only ${String(committed)} were committed`);
  const [ofAgent, ofBridge] = await usageOfBoth({ agent, bridge });
  const simulator = await readProcessUsage(clusters.program.pid ?? 0);
  const micros = (cpuSeconds: number): number => (cpuSeconds * 1e6) / committed;
  const databaseSeconds = (await databaseCpu(database)) - databaseBefore;
  return {
    objectsPerSecond: committed / seconds,
    agentMiB: ofAgent.peakRssBytes / mebibyte,
    bridgeMiB: ofBridge.peakRssBytes / mebibyte,
    microsPerObject: {
      agent: micros(ofAgent.cpuSeconds),
      bridge: micros(ofBridge.cpuSeconds),
      database: database.serverPid === undefined ? undefined : micros(databaseSeconds),
      simulator: micros(simulator.cpuSeconds - simulatorBefore),
    },
  };
}

function usageOfBoth({ agent, bridge }: Pick<BenchInstallation, 'agent' | 'bridge'>) {
  return Promise.all([
    readProcessUsage(agent.program.pid ?? 0),
    readProcessUsage(bridge.program.pid ?? 0),
  ]);
}

/** Of the server since its start; 0 where there is none. */
async function databaseCpu({ serverPid }: BenchDatabase): Promise<number> {
  return serverPid === undefined ? 0 : readTreeCpuSeconds(serverPid);
}

function measuresOf(database: DatabaseKind, runs: readonly SyncRun[]): readonly Measure[] {
  const of = (pick: (run: SyncRun) => number, facts: Parameters<typeof measureOf>[1]) =>
    measureOf(runs.map(pick), { ...facts, name: `${database}: ${facts.name}` });
  const cpu = (who: keyof SyncCpu, name: string): readonly Measure[] =>
    runs.some((run) => run.microsPerObject[who] === undefined)
      ? []
      : [of((run) => run.microsPerObject[who] ?? Number.NaN, { name, unit: 'us/object' })];
  const rss = { agent: 'peak RSS of the agent', bridge: 'peak RSS of the bridge' };
  return [
    of((run) => run.objectsPerSecond, {
      name: 'initial sync',
      unit: 'objects/s',
      target: targets[database],
    }),
    of((run) => run.agentMiB, { name: rss.agent, unit: 'MiB', target: '< 200' }),
    of((run) => run.bridgeMiB, { name: rss.bridge, unit: 'MiB', target: '< 250' }),
    ...cpu('agent', 'CPU of the agent with its start'),
    ...cpu('bridge', 'CPU of the bridge with its start'),
    ...cpu('database', 'CPU of the database server'),
    ...cpu('simulator', 'CPU of the simulator'),
  ];
}

function describe({ objectsPerSecond, bridgeMiB, microsPerObject }: SyncRun): string {
  const micros = Object.entries(microsPerObject)
    .filter(([, value]) => value !== undefined)
    .map(([who, value]) => `${who} ${Number(value).toFixed(0)}`);
  const rate = `${objectsPerSecond.toFixed(0)} objects/s, bridge ${bridgeMiB.toFixed(0)} MiB`;
  return `${rate}, us/object: ${micros.join(', ')}`;
}
