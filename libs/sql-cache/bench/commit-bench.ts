/**
 * Measures `commit`: pods with an owner each, in units as a link delivers them, first inserted, then
 * changed, then sent again as they are, and last deleted.
 *
 * node --conditions=@fairlead/source libs/sql-cache/bench/commit-bench.ts URL [rows] [rows per unit]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { projectObject, type Projection } from '@fairlead/clouddriver-model';
import { openSqlCache, type CommitUnit, type SqlCache } from '../src/index.ts';

const [url = 'embedded:./tmp/bench-sql', rowsText = '20000', unitText = '500'] =
  process.argv.slice(2);
const rows = Number(rowsText);
const unitRows = Number(unitText);
const account = 'bench';

const clock = {
  nowMs: () => Date.now(),
  sleep: (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }),
};

interface Measure {
  readonly name: string;
  readonly rowsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuUsPerRow: number;
}

const cache = await openSqlCache({ url, schema: 'standalone', clock });
await cache.ready();
const epoch = await takeOver(cache);
print('step', 'rows/s', 'unit p50 ms', 'unit p99 ms', 'client us/row');
const inserted = project(1);
report(await measure('insert', units(inserted, [])));
report(await measure('update', units(project(2), [])));
report(await measure('unchanged', units(project(2), [])));
report(await measure('delete', units([], inserted)));
await cache.close();

function project(version: number): Projection[] {
  const startedAt = performance.now();
  const projections = Array.from({ length: rows }, (_, index) =>
    projectObject(podBytes(index, version), { account }),
  );
  const usPerRow = ((performance.now() - startedAt) * 1000) / rows;
  print(`project (${projections[0]?.body.byteLength ?? 0} B)`, '', '', '', usPerRow.toFixed(1));
  return projections;
}

function units(upserts: readonly Projection[], gone: readonly Projection[]): CommitUnit[] {
  const count = Math.ceil(rows / unitRows);
  return Array.from({ length: count }, (_, index) => {
    const [from, to] = [index * unitRows, (index + 1) * unitRows];
    return {
      account,
      epoch,
      upserts: upserts.slice(from, to),
      deletes: gone.slice(from, to).map(({ type, id, agent }) => ({ type, id, agent })),
      checkpoints: [checkpoint(index)],
      retired: [],
    };
  });
}

function checkpoint(index: number): CommitUnit['checkpoints'][number] {
  return {
    group: '',
    version: 'v1',
    resource: 'pods',
    kind: 'Pod',
    namespaced: true,
    namespace: '',
    type: 'pod',
    resourceVersion: String(index),
    asOfMs: clock.nowMs(),
  };
}

async function measure(name: string, work: readonly CommitUnit[]): Promise<Measure> {
  const elapsedMs: number[] = [];
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  for (const unit of work) {
    const unitAt = performance.now();
    await cache.commit(unit);
    elapsedMs.push(performance.now() - unitAt);
  }
  const totalMs = performance.now() - startedAt;
  const used = process.cpuUsage(cpu);
  elapsedMs.sort((a, b) => a - b);
  return {
    name,
    rowsPerSecond: (rows * 1000) / totalMs,
    p50Ms: elapsedMs[Math.floor(elapsedMs.length * 0.5)] ?? 0,
    p99Ms: elapsedMs[Math.floor(elapsedMs.length * 0.99)] ?? 0,
    cpuUsPerRow: (used.user + used.system) / rows,
  };
}

function report(result: Measure): void {
  const numbers = [result.rowsPerSecond.toFixed(0), result.p50Ms.toFixed(1)];
  print(result.name, ...numbers, result.p99Ms.toFixed(1), result.cpuUsPerRow.toFixed(1));
}

function print(...cells: readonly string[]): void {
  process.stdout.write(`${cells.map((cell) => cell.padEnd(18)).join('')}\n`);
}

async function takeOver(open: SqlCache): Promise<number> {
  const before = await open.accounts.get(account);
  const result = await open.accounts.takeOver({
    name: account,
    expectedEpoch: before?.epoch ?? 0,
    owner: { agentId: 'bench', instanceId: 'bench', bridgeId: 'bench', linkId: 'bench' },
    cluster: { server: '', certificateFingerprint: '', version: '', uid: '' },
    properties: {},
    kinds: ['pod'],
    state: 'feeding',
  });
  if (result.kind === 'lost') throw new Error('somebody else runs this benchmark');
  return result.epoch;
}

/** About 2.7 KB, of the shape that an API server prints without `managedFields`. */
function podBytes(index: number, version: number): Buffer {
  const set = `web-${index % 400}-7d4b9c5f6d`;
  const labels = { app: `web-${index % 400}`, tier: 'front', 'pod-template-hash': '7d4b9c5f6d' };
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: set,
    uid: 'u',
    controller: true,
  };
  return Buffer.from(
    JSON.stringify({
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: {
        name: `${set}-${index.toString(36).padStart(5, '0')}`,
        namespace: `team-${index % 20}`,
        uid: `b1946ac9-2492-4d8e-a000-${index.toString().padStart(12, '0')}`,
        resourceVersion: `${version}${index}`,
        creationTimestamp: '2026-01-01T00:00:00Z',
        labels,
        annotations: { 'moniker.spinnaker.io/application': `web-${index % 400}` },
        ownerReferences: [owner],
      },
      spec: { containers: containers(index), nodeName: `node-${index % 50}` },
      status: { phase: 'Running', podIP: `10.0.${index % 250}.7`, conditions: conditions() },
    }),
  );
}

function containers(index: number): object[] {
  return ['app', 'proxy'].map((name) => ({
    name,
    image: `registry.example/team/${name}@sha256:${index.toString(16).padStart(64, 'a')}`,
    env: Array.from({ length: 12 }, (_, at) => ({ name: `SETTING_${at}`, value: `value ${at}` })),
    resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '100m', memory: '256Mi' } },
    livenessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 10 },
  }));
}

function conditions(): object[] {
  return ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
    type,
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }));
}
