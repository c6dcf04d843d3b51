/**
 * Measures the index of who selects whom, in one account: memory and CPU time of building it as at a
 * takeover, and of changes afterwards.
 *
 * node --expose-gc --conditions=@fairlead/source libs/clouddriver-model/bench/selection-bench.ts
 *   [services] [replica sets] [namespaces]
 */
import { SelectionIndex, type Selection, type SelectionChange } from '../src/index.ts';

const [services = 10_000, replicaSets = 50_000, namespaces = 100] = process.argv
  .slice(2)
  .map(Number);
const agent = 'prod-eu/KubernetesCoreCachingAgent[1/1]';
const pageObjects = 200;
const changes = 20_000;

const collect = globalThis.gc;
if (collect === undefined) throw new Error('run with --expose-gc');

const before = heldBytes();
const index = new SelectionIndex(agent);
const built = measure(() => {
  for (const page of pages(objects())) index.load(page);
});
const heldBytesPerObject = (heldBytes() - before) / (services + replicaSets);
const serviceChanges = measure(() => {
  for (let at = 0; at < changes; at += 1) index.apply([service(at % services)]);
});
const setChanges = measure(() => {
  for (let at = 0; at < changes; at += 1) index.apply([replicaSet(at % replicaSets)]);
});

print('services, replica sets, namespaces', `${services}, ${replicaSets}, ${namespaces}`);
print('build, CPU ms', (built / 1000).toFixed(0));
print('held, bytes for each object', heldBytesPerObject.toFixed(0));
print('a service changes, CPU us', (serviceChanges / changes).toFixed(1));
print('a replica set changes, CPU us', (setChanges / changes).toFixed(1));

/** Microseconds of CPU. */
function measure(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

function heldBytes(): number {
  collect?.();
  return process.memoryUsage().heapUsed;
}

function* objects(): Generator<SelectionChange> {
  for (let at = 0; at < services; at += 1) yield service(at);
  for (let at = 0; at < replicaSets; at += 1) yield replicaSet(at);
}

function* pages(all: Iterable<SelectionChange>): Generator<readonly SelectionChange[]> {
  let page: SelectionChange[] = [];
  for (const each of all) {
    page.push(each);
    if (page.length < pageObjects) continue;
    yield page;
    page = [];
  }
  yield page;
}

function service(at: number): SelectionChange {
  const namespace = `team-${at % namespaces}`;
  const labels = { app: `app-${at}`, tier: 'web' };
  return change('service', { side: 'service', namespace, labels }, `app-${at}`);
}

/** As a deployment makes them: some for each application, all with the labels of its service. */
function replicaSet(at: number): SelectionChange {
  const of = at % services;
  const namespace = `team-${of % namespaces}`;
  const hash = `h${at.toString(36)}`;
  const labels = { app: `app-${of}`, tier: 'web', version: '7', 'pod-template-hash': hash };
  return change('replicaSet', { side: 'replicaSet', namespace, labels }, `app-${of}-${hash}`);
}

/** Parsed anew each time, as what comes over a link is. */
function change(kind: string, selection: Selection, name: string): SelectionChange {
  const id = `kubernetes.v2:infrastructure:${kind}:prod-eu:${selection.namespace}:${name}`;
  return JSON.parse(JSON.stringify({ id, selection })) as SelectionChange;
}

function print(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(36)} ${value}\n`);
}
