/** Whether a bridge keeps up with a stream of changes, from looks at both of its ends. Pure. */
import { median } from '../bench/bench-report.ts';

/** One look. */
export interface LagSample {
  /** Monotonic. */
  readonly atMs: number;
  /** Changes that were due so far by their rate, whether or not somebody took them. */
  readonly due: number;
  /** Changes that the bridge has committed so far, with those that a newer one replaced before. */
  readonly committed: number;
  /** How long the oldest change that has reached the bridge waits there, as the bridge tells. */
  readonly bridgeLagMs: number;
}

/** What several looks say. */
export interface LagGrowth {
  readonly committedPerSecond: number;
  /**
   * How much further behind the database is at the end than at the beginning: changes that are due
   * and not committed, in milliseconds of their rate. It counts what waits anywhere: in the API
   * server for its readers, in sockets, in the agent. Medians of the first and the last quarter of the looks.
   */
  readonly growthMs: number;
  /** Of the first quarter. */
  readonly bridgeLagAtStartMs: number;
  /** Of the last quarter. */
  readonly bridgeLagAtEndMs: number;
}

/** Compares the last quarter of the looks with the first. */
export function lagGrowth(samples: readonly LagSample[]): LagGrowth {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || first === last) {
    throw new RangeError('two looks are needed at least');
  }
  const seconds = (last.atMs - first.atMs) / 1_000;
  const duePerSecond = (last.due - first.due) / seconds;
  const quarter = Math.ceil(samples.length / 4);
  const [start, end] = [samples.slice(0, quarter), samples.slice(-quarter)];
  const behind = (part: readonly LagSample[]): number =>
    median(part.map(({ due, committed }) => due - committed));
  const lag = (part: readonly LagSample[]): number =>
    median(part.map(({ bridgeLagMs }) => bridgeLagMs));
  return {
    committedPerSecond: (last.committed - first.committed) / seconds,
    growthMs: ((behind(end) - behind(start)) / duePerSecond) * 1_000,
    bridgeLagAtStartMs: lag(start),
    bridgeLagAtEndMs: lag(end),
  };
}
