/**
 * Measures projecting one Pod: CPU time of all threads, and memory taken on V8's heap and beside it.
 * Prints the median pass; passes begin when V8 has compiled the code.
 *
 * node --expose-gc --conditions=@fairlead/source libs/clouddriver-model/bench/project-bench.ts
 *   [seconds]
 */
import { ObjectProjector } from '../src/index.ts';
import { samplePods } from './sample-pods.ts';

const seconds = Number(process.argv[2] ?? 3);
const podCount = 8000;
/** As a unit holds them. */
const heldPods = 500;
/** Few enough for the young generation to take them all without a collection. */
const weighedPods = 200;

const collect = globalThis.gc;
if (collect === undefined) throw new Error('run with --expose-gc');

const pods = samplePods(podCount);
const held: unknown[] = [];
const projector = new ObjectProjector({ account: 'prod-eu' });

const passes = passesFor(seconds);
print('Pods, bytes of each', `${podCount}, ${pods[0]?.byteLength ?? 0}`);
print('CPU us for each', median(passes).toFixed(2));
const weights = Array.from({ length: 9 }, weigh);
print('heap bytes for each', median(weights.map(({ heap }) => heap)).toFixed(0));
print('bytes beside the heap for each', median(weights.map(({ beside }) => beside)).toFixed(0));

/** Microseconds of CPU for each object, pass by pass; the first quarter is left out. */
function passesFor(wantedSeconds: number): readonly number[] {
  const found: number[] = [];
  const stopAt = process.uptime() + wantedSeconds;
  while (found.length < 8 || process.uptime() < stopAt) {
    const before = process.cpuUsage();
    project(podCount);
    const { user, system } = process.cpuUsage(before);
    found.push((user + system) / podCount);
  }
  return found.slice(found.length >> 2);
}

function weigh(): { readonly heap: number; readonly beside: number } {
  collect?.();
  const before = process.memoryUsage();
  project(weighedPods);
  const after = process.memoryUsage();
  return {
    heap: (after.heapUsed - before.heapUsed) / weighedPods,
    beside: (after.arrayBuffers - before.arrayBuffers) / weighedPods,
  };
}

function project(count: number): void {
  for (let at = 0; at < count; at += 1) {
    const pod = pods[at];
    if (pod !== undefined) held[at % heldPods] = projector.project(pod);
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
}

function print(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(36)} ${value}\n`);
}
