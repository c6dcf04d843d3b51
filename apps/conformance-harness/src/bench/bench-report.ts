/** What a benchmark says: a table for people, and `tmp/bench/NAME.json` for programs. */
import { mkdir, writeFile } from 'node:fs/promises';
import { arch, cpus, platform, release, totalmem } from 'node:os';

/** One figure, from several runs. */
export interface Measure {
  /** Plain words with their unit, stable once chosen. */
  readonly name: string;
  /** Median of the runs. */
  readonly value: number;
  readonly unit: string;
  /** Every run's figure, in order. */
  readonly runs: readonly number[];
  /** What the value should be at least (or at most), in words: `>= 5000`. */
  readonly target?: string;
}

/** Where the figures were taken. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly os: string;
  readonly node: string;
}

/** One benchmark's whole result. */
export interface BenchReport {
  readonly name: string;
  /** RFC 3339. */
  readonly takenAt: string;
  readonly machine: Machine;
  readonly measures: readonly Measure[];
}

/** A measure from its runs; the value is their median. */
export function measureOf(
  runs: readonly number[],
  facts: { readonly name: string; readonly unit: string; readonly target?: string },
): Measure {
  return { ...facts, value: median(runs), runs };
}

/** The middle of the sorted values (mean of the two middle ones); 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** Writes the file and returns what to print: the table and the file's name. */
export async function writeReport(name: string, measures: readonly Measure[]): Promise<string> {
  const result: BenchReport = {
    name,
    takenAt: new Date().toISOString(),
    machine: describeMachine(),
    measures,
  };
  await mkdir('tmp/bench', { recursive: true });
  await writeFile(`tmp/bench/${name}.json`, `${JSON.stringify(result, undefined, 2)}\n`);
  return `${formatMeasures(measures)}\nwritten: tmp/bench/${name}.json\n`;
}

/** The table: one line a measure. Pure. */
export function formatMeasures(measures: readonly Measure[]): string {
  const rows = measures.map(({ name, value, unit, runs, target }) => [
    name,
    `${formatNumber(value)} ${unit}`,
    target ?? '',
    runs.map(formatNumber).join('  '),
  ]);
  const header = ['measure', 'median', 'target', 'runs'];
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => (row[column] ?? '').length)),
  );
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

function formatNumber(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);
}

function describeMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryBytes: totalmem(),
    os: `${platform()} ${release()} ${arch()}`,
    node: process.version,
  };
}
