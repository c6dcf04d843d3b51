/** Measures how fast Pods are taken out of a list and out of watch lines: by the scrubber and by JSON. */
import { startFleet } from '@fairlead/cluster-sim';
import {
  createListScanner,
  createWatchScanner,
  type KernelName,
  type ListScanEvent,
  type ObjectStretches,
  type Scanner,
  type WatchScanEvent,
} from '@fairlead/secret-scrubber';
import { answerQuestions } from './child-process.ts';
import { type ScanBody, type ScanSpeeds, type ScanWay } from './scanner-bench.ts';

/** Takes a body apart; answers how many objects were in it. */
type Scan = (body: Buffer) => number;

interface Pod {
  readonly metadata: { managedFields?: unknown; readonly name: string };
}

const podCount = 4_000;
/** Pairs of start and end: of resourceVersion, namespace, name and uid. */
const placesOfIdentity = 8;
/** What sockets of Node hand out at most. */
const chunkBytes = 64 * 1024;
/** As the watch engine reads. */
const pods = { apiVersion: 'v1', kind: 'Pod', objects: 'lent' } as const;
/** Passes until V8 has compiled the code, and passes that count. */
const warmUpPasses = 4;
const leastPasses = 7;
const leastMicros = 700_000;

answerQuestions({
  measure: async (): Promise<ScanSpeeds> => {
    const bodies = await makeBodies();
    const speedsOf = (body: ScanBody): Record<ScanWay, number> => ({
      json: speedOf(bodies[body], scans.json[body]),
      wasm: speedOf(bodies[body], scans.wasm[body]),
      typescript: speedOf(bodies[body], scans.typescript[body]),
    });
    return { list: speedsOf('list'), watch: speedsOf('watch') };
  },
});

const scans: Readonly<Record<ScanWay, Readonly<Record<ScanBody, Scan>>>> = {
  json: { list: parseList, watch: parseWatch },
  wasm: scansOf('wasm'),
  typescript: scansOf('typescript'),
};

/** As an API server sends them. */
async function makeBodies(): Promise<Readonly<Record<ScanBody, Buffer>>> {
  const fleet = await startFleet({ objectsPerCluster: 4, podsPerCluster: podCount });
  try {
    const response = await fetch(`${fleet.cluster('sim-1').url}/api/v1/pods`);
    const list = Buffer.from(await response.arrayBuffer());
    const { items } = JSON.parse(list.toString()) as { readonly items: readonly object[] };
    const lines = items.map((pod) =>
      JSON.stringify({ type: 'MODIFIED', object: { kind: 'Pod', apiVersion: 'v1', ...pod } }),
    );
    return { list, watch: Buffer.from(`${lines.join('\n')}\n`) };
  } finally {
    await fleet.stop();
  }
}

function scansOf(kernel: KernelName): Readonly<Record<ScanBody, Scan>> {
  return {
    list: (body) => scanWith(createListScanner({ ...pods, kernel }), body),
    watch: (body) => scanWith(createWatchScanner({ ...pods, kernel }), body),
  };
}

/**
 * Reads of each object what engine and agent read: its bytes, its resourceVersion, and where its name,
 * namespace and uid stand, which they pass on as bytes.
 */
function scanWith(scanner: Scanner<ListScanEvent | WatchScanEvent>, body: Buffer): number {
  let found = 0;
  for (let from = 0; from < body.length; from += chunkBytes) {
    for (const event of scanner.push(body.subarray(from, from + chunkBytes))) {
      if (event.kind !== 'object' && event.kind !== 'modified') continue;
      const { bytes, resourceVersion, stretches } = event.object;
      const isWhole = bytes.byteLength > 0 && resourceVersion !== '' && stretches !== undefined;
      if (isWhole && hasIdentity(stretches)) found += 1;
    }
    scanner.release();
  }
  scanner.end();
  return found;
}

function hasIdentity({ places, first }: ObjectStretches): boolean {
  for (let at = first; at < first + placesOfIdentity; at += 2) {
    if ((places[at + 1] ?? 0) <= (places[at] ?? -1)) return false;
  }
  return true;
}

function parseList(body: Buffer): number {
  const list = JSON.parse(body.toString('utf8')) as { readonly items: readonly Pod[] };
  return list.items.filter((pod) => printed(pod).byteLength > 0).length;
}

function parseWatch(body: Buffer): number {
  let found = 0;
  let from = 0;
  for (let to = body.indexOf(0x0a); to >= 0; to = body.indexOf(0x0a, from)) {
    const event = JSON.parse(body.toString('utf8', from, to)) as { readonly object: Pod };
    if (printed(event.object).byteLength > 0) found += 1;
    from = to + 1;
  }
  return found;
}

function printed(pod: Pod): Buffer {
  delete pod.metadata.managedFields;
  return Buffer.from(JSON.stringify(pod));
}

/** Megabytes a second of the median pass; a scanner may zero what it has read, so each has a copy. */
function speedOf(body: Buffer, scan: Scan): number {
  const passes: number[] = [];
  let total = 0;
  for (let pass = 0; pass < warmUpPasses + leastPasses || total < leastMicros; pass += 1) {
    const copy = Buffer.from(body);
    const before = process.cpuUsage();
    const found = scan(copy);
    const { user, system } = process.cpuUsage(before);
    if (found !== podCount) throw new Error(`${String(found)} of ${String(podCount)} Pods found`);
    if (pass < warmUpPasses) continue;
    passes.push(user + system);
    total += user + system;
  }
  passes.sort((a, b) => a - b);
  return body.length / (passes[Math.floor(passes.length / 2)] ?? Number.NaN);
}
