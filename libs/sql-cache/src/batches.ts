/** Cuts lists of rows to what one statement should carry. */

/** How much one statement carries. */
export interface BatchLimits {
  /** Rows at most. */
  readonly rows: number;
  /** Bytes at most, unless a single row is larger. */
  readonly bytes: number;
}

/** The items in batches, in order. */
export function* batchesOf<T>(
  items: readonly T[],
  limits: BatchLimits,
  bytesOf: (item: T) => number,
): Generator<readonly T[]> {
  let start = 0;
  let bytes = 0;
  for (let at = 0; at < items.length; at += 1) {
    const size = bytesOf(items[at] as T);
    if (at > start && (at - start === limits.rows || bytes + size > limits.bytes)) {
      yield items.slice(start, at);
      start = at;
      bytes = 0;
    }
    bytes += size;
  }
  if (start < items.length) yield items.slice(start);
}
