/** `bench scanner`: the scrubber's two kernels beside `JSON.parse` + `JSON.stringify`. */
import { type BenchOptions } from '../bench/bench-options.ts';
import { type Measure, measureAgainst, measureOf, median } from '../bench/bench-report.ts';
import { startAskedProcess } from './child-process.ts';

/** Ways to take a body apart, and the bodies. */
export const scanWays = ['json', 'wasm', 'typescript'] as const;
export const scanBodies = ['list', 'watch'] as const;

/** One of {@link scanWays}. */
export type ScanWay = (typeof scanWays)[number];
/** One of {@link scanBodies}. */
export type ScanBody = (typeof scanBodies)[number];

/** Megabytes per second of CPU time, by body and way. */
export type ScanSpeeds = Readonly<Record<ScanBody, Readonly<Record<ScanWay, number>>>>;

const names: Readonly<Record<ScanWay, string>> = {
  json: 'JSON.parse + JSON.stringify',
  wasm: 'WASM',
  typescript: 'TypeScript',
};
const targets = { wasm: 'ratio >= 15', typescript: 'ratio >= 5' } as const;

/** Each run is a process of its own. */
export async function benchScanner({ runs, progress }: BenchOptions): Promise<readonly Measure[]> {
  const results: ScanSpeeds[] = [];
  for (let run = 0; run < runs; run += 1) {
    await using process = startAskedProcess('scanner-main');
    const speeds = (await process.ask('measure')) as ScanSpeeds;
    results.push(speeds);
    progress(`run ${String(run + 1)}: scanner, MB/s: ${JSON.stringify(speeds)}`);
  }
  return scanBodies.flatMap((body) => {
    const runsOf = (way: ScanWay) => results.map((speeds) => speeds[body][way]);
    const peer = { peer: names.json, peerValue: median(runsOf('json')) };
    return (['wasm', 'typescript'] as const).map((way) => {
      const facts = { name: `scanner ${names[way]}, ${body}`, unit: 'MB/s', target: targets[way] };
      return measureAgainst(measureOf(runsOf(way), facts), { ...peer, better: 'more' });
    });
  });
}
