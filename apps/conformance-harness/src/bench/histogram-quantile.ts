/** Quantiles of a Prometheus histogram, between two scrapes. Pure. */
import type { Sample } from '../installation/prometheus-text.ts';

/** Which histogram, and which part of its observations lies below the answer. */
export interface QuantileOptions {
  /** Name without `_bucket`. */
  readonly name: string;
  /** 0.5 is the median. */
  readonly quantile: number;
}

/** The quantile of what was observed after `before`, interpolated inside its bucket; NaN of nothing. */
export function quantileBetween(
  before: readonly Sample[],
  after: readonly Sample[],
  { name, quantile }: QuantileOptions,
): number {
  const earlier = bucketsOf(before, name);
  const buckets = [...bucketsOf(after, name)]
    .map(([bound, count]) => ({ bound, count: count - (earlier.get(bound) ?? 0) }))
    .sort((a, b) => a.bound - b.bound);
  const total = buckets.at(-1)?.count ?? 0;
  if (total === 0) return Number.NaN;
  const wanted = total * quantile;
  const index = buckets.findIndex(({ count }) => count >= wanted);
  const below = buckets[index - 1] ?? { bound: 0, count: 0 };
  const bucket = buckets[index] ?? below;
  if (bucket.bound === Infinity) return below.bound;
  const part = (wanted - below.count) / (bucket.count - below.count);
  return below.bound + (bucket.bound - below.bound) * part;
}

/** Cumulative counts by upper bound, summed over other labels. */
function bucketsOf(samples: readonly Sample[], name: string): Map<number, number> {
  const buckets = new Map<number, number>();
  for (const { name: sampleName, labels, value } of samples) {
    if (sampleName !== `${name}_bucket`) continue;
    const bound = labels.le === '+Inf' ? Infinity : Number(labels.le);
    buckets.set(bound, (buckets.get(bound) ?? 0) + value);
  }
  return buckets;
}
