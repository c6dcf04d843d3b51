/** What a benchmark says: a table for people, and `tmp/bench/NAME.json` for programs. */
import { mkdir, writeFile } from 'node:fs/promises';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { checkTarget } from './check-target.ts';

/** One figure, from several runs. */
export interface Measure {
  /** Plain words with their unit, stable once chosen. */
  readonly name: string;
  /** Median of the runs. */
  readonly value: number;
  readonly unit: string;
  /** Every run's figure, in order. */
  readonly runs: readonly number[];
  /** Who else was measured in the same run. */
  readonly peer?: string;
  /** Median of the peer's runs, in the same unit. */
  readonly peerValue?: number;
  /** How many times better than the peer: `peerValue / value` where less is better. */
  readonly ratio?: number;
  /** What the value, or its ratio, should be: `>= 5000`, `< 130`, `ratio >= 10`. */
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

/** The measure beside its peer's figure. */
export function measureAgainst(
  measure: Measure,
  against: {
    readonly peer: string;
    readonly peerValue: number;
    /** Of the value. @defaultValue 'less' */
    readonly better?: 'less' | 'more';
  },
): Measure {
  const { peer, peerValue, better = 'less' } = against;
  const ratio = better === 'less' ? peerValue / measure.value : measure.value / peerValue;
  return { ...measure, peer, peerValue, ratio };
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

/** The table: one line a measure, and whether it is what it should be. Pure. */
export function formatMeasures(measures: readonly Measure[]): string {
  const header = ['measure', 'median', 'peer', 'ratio', 'target', '', 'runs'];
  const rows = [header, ...measures.map(formatMeasure)];
  // A column that nobody fills is left out.
  const columns = header
    .map((_, column) => column)
    .filter((column) => rows.slice(1).some((row) => row[column] !== ''));
  const widths = header.map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      columns
        .map((column) => (row[column] ?? '').padEnd(widths[column] ?? 0))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

const verdictWords = { pass: 'PASS', below: 'below', none: '' } as const;

function formatMeasure(measure: Measure): readonly string[] {
  const { name, value, unit, runs, peer, peerValue, ratio, target } = measure;
  return [
    name,
    `${formatNumber(value)} ${unit}`,
    peer === undefined ? '' : `${peer}: ${formatNumber(peerValue ?? Number.NaN)}`,
    ratio === undefined ? '' : `${ratio.toFixed(1)}x`,
    target ?? '',
    verdictWords[checkTarget(measure)],
    runs.map(formatNumber).join('  '),
  ];
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
