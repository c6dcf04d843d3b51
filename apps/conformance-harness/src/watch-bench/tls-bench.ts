/**
 * `bench tls`: the same list in the clear and over TLS, streamed and in pages; and in pages with the
 * API server's gzip, which it offers for nothing else.
 */
import { type BenchOptions } from '../bench/bench-options.ts';
import { type Measure, measureAgainst, measureOf } from '../bench/bench-report.ts';
import { startClusterServer } from './cluster-server.ts';
import { processContestant } from './contestant.ts';
import { measuredFleet, runWatch, warmUpFleet, warmUpSize } from './watch-run.ts';

const objects = 50_000;

const ways = [
  { name: 'in the clear', tls: false, lists: 'streamed', gzip: 'none' },
  { name: 'TLS', tls: true, lists: 'streamed', gzip: 'none' },
  { name: 'pages, in the clear', tls: false, lists: 'pages', gzip: 'none' },
  { name: 'pages, TLS', tls: true, lists: 'pages', gzip: 'none' },
  { name: 'pages, TLS, gzip', tls: true, lists: 'pages', gzip: 'ask' },
] as const;

interface TlsRun {
  readonly micros: number;
  readonly bytes: number;
}

/** Measures CPU and bytes per object of every way, by turns. */
export async function benchTls({ runs, progress }: BenchOptions): Promise<readonly Measure[]> {
  await using clear = await startServer(false);
  await using secure = await startServer(true);
  const results = new Map<string, TlsRun[]>();
  for (let run = 0; run < runs; run += 1) {
    for (const { name, tls, ...options } of ways) {
      const server = tls ? secure : clear;
      const feeds = processContestant(`feeds, ${name}`, { main: 'feeds-main', ...options });
      const before = await server.served(measuredFleet);
      const { listMicrosPerObject: micros } = await runWatch(feeds, server, { objects, events: 0 });
      const after = await server.served(measuredFleet);
      const bytes = (after.sentBytes - before.sentBytes) / objects;
      results.set(name, [...(results.get(name) ?? []), { micros, bytes }]);
      const figures = `${micros.toFixed(1)} us/object, ${bytes.toFixed(0)} bytes/object`;
      progress(`run ${String(run + 1)}: ${name}: ${figures}`);
    }
  }
  return ways.flatMap(({ name }) => measuresOf(name, results));
}

function startServer(tls: boolean) {
  return startClusterServer({
    [warmUpFleet]: { podsPerCluster: warmUpSize.objects, tls },
    [measuredFleet]: { podsPerCluster: objects, tls },
  });
}

function measuresOf(
  name: string,
  results: ReadonlyMap<string, readonly TlsRun[]>,
): readonly Measure[] {
  const of = (way: string, pick: (run: TlsRun) => number, unit: string): Measure =>
    measureOf((results.get(way) ?? []).map(pick), { name: `list, ${way}`, unit });
  const [base] = ways;
  const both = [
    [(run: TlsRun) => run.micros, 'us/object'],
    [(run: TlsRun) => run.bytes, 'bytes/object'],
  ] as const;
  return both.map(([pick, unit]) => {
    const measure = of(name, pick, unit);
    if (name === base.name) return measure;
    const peerValue = of(base.name, pick, unit).value;
    return measureAgainst(measure, { peer: base.name, peerValue });
  });
}
