/**
 * Speed of the two kernels beside JSON.parse + JSON.stringify, on the same Pods, in 64 KiB chunks as
 * a socket hands them out. Run: `node libs/secret-scrubber/bench/scan-bench.ts [seconds per row]`.
 * Prints the median pass of each way and the CPU time it took, since the machine may be busy. Every
 * way ends with the bytes of each object; the rows with `+ identity` also read all its strings.
 */
import process from 'node:process';
import { createListScanner, createWatchScanner } from '../src/index.ts';
import type {
  KernelName,
  ListScanEvent,
  ScannedObject,
  Scanner,
  ScannerOptions,
  WatchScanEvent,
} from '../src/index.ts';
import { samplePodList, samplePodWatch } from './sample-pods.ts';

/** What sockets of Node hand out at most. */
const chunkBytes = 64 * 1024;
const podCount = 8000;
const secondsPerRow = Number(process.argv[2] ?? 2);

interface Row {
  readonly body: string;
  readonly way: string;
  readonly megabytesPerSecond: number;
  readonly microsecondsPerObject: number;
}

/** Takes the body apart and returns the number of objects found. */
type Way = (body: Buffer) => number;

type AnyScanner = Scanner<ListScanEvent | WatchScanEvent>;

/** Returns false for an object that lacks something. */
type Look = (object: ScannedObject) => boolean;

function scanWith(make: () => AnyScanner, look: Look): Way {
  return (body) => {
    const scanner = make();
    let objects = 0;
    for (let from = 0; from < body.length; from += chunkBytes) {
      for (const event of scanner.push(body.subarray(from, from + chunkBytes))) {
        if ('object' in event && look(event.object)) objects++;
      }
      scanner.release();
    }
    scanner.end();
    return objects;
  };
}

function hasBytes({ bytes }: ScannedObject): boolean {
  return bytes.length > 0;
}

function hasIdentity(object: ScannedObject): boolean {
  const { namespace, name, uid, resourceVersion, annotations } = object;
  const isWhole = namespace !== '' && name !== '' && uid !== '' && resourceVersion !== '';
  return isWhole && annotations.size === 1 && hasBytes(object);
}

interface ParsedPod {
  readonly metadata: { managedFields?: unknown; readonly name: string };
}

function parseList(body: Buffer): number {
  const list = JSON.parse(body.toString('utf8')) as { items: ParsedPod[] };
  return list.items.map(printed).length;
}

function parseWatch(body: Buffer): number {
  let objects = 0;
  let from = 0;
  for (let to = body.indexOf(0x0a); to >= 0; to = body.indexOf(0x0a, from)) {
    const event = JSON.parse(body.toString('utf8', from, to)) as { object: ParsedPod };
    if (printed(event.object).length > 0) objects++;
    from = to + 1;
  }
  return objects;
}

function printed(pod: ParsedPod): Buffer {
  delete pod.metadata.managedFields;
  return Buffer.from(JSON.stringify(pod));
}

function measure(name: string, body: Buffer, [way, run]: readonly [string, Way]): Row {
  const passes: number[] = [];
  const stopAt = process.uptime() + secondsPerRow;
  for (let pass = 0; pass < 5 || process.uptime() < stopAt; pass++) {
    const before = process.cpuUsage();
    if (run(body) !== podCount) throw new Error(`${way} lost objects`);
    passes.push(process.cpuUsage(before).user + process.cpuUsage(before).system);
  }
  // The first passes run before the engine has compiled the code.
  const sorted = passes.slice(2).sort((a, b) => a - b);
  const microseconds = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return {
    body: name,
    way,
    megabytesPerSecond: body.length / microseconds,
    microsecondsPerObject: microseconds / podCount,
  };
}

function scanners(make: (kernel: KernelName) => AnyScanner) {
  return (['wasm', 'typescript'] as const).flatMap((kernel) => {
    const name = kernel === 'wasm' ? 'WASM' : 'TypeScript';
    return [
      [name, scanWith(() => make(kernel), hasBytes)],
      [`${name} + identity`, scanWith(() => make(kernel), hasIdentity)],
    ] as const;
  });
}

function print(rows: readonly Row[]): void {
  const base = rows[0]?.megabytesPerSecond ?? Number.NaN;
  for (const row of rows) {
    const cells = [
      row.body.padEnd(6),
      row.way.padEnd(21),
      `${row.megabytesPerSecond.toFixed(0).padStart(6)} MB/s`,
      `${row.microsecondsPerObject.toFixed(2).padStart(7)} us/object`,
      `${(row.megabytesPerSecond / base).toFixed(1).padStart(6)}x`,
    ];
    process.stdout.write(`${cells.join('  ')}\n`);
  }
}

const pods: ScannerOptions = {
  apiVersion: 'v1',
  kind: 'Pod',
  // What the watch engine asks for, of every feed.
  readAnnotations: ['moniker.spinnaker.io/application'],
  objects: 'lent',
};
const watchBody = samplePodWatch(podCount);
const listBody = samplePodList(podCount);
process.stdout.write(
  `${String(podCount)} Pods of ${String(Math.round(watchBody.length / podCount))} B, CPU time\n`,
);
const watchWays = scanners((kernel) => createWatchScanner({ ...pods, kernel }));
const listWays = scanners((kernel) => createListScanner({ ...pods, kernel }));
print([['JSON', parseWatch] as const, ...watchWays].map((way) => measure('watch', watchBody, way)));
print([['JSON', parseList] as const, ...listWays].map((way) => measure('list', listBody, way)));
