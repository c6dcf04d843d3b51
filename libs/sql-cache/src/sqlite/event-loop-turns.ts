/**
 * SQLite works on the event loop. A loop over rows lets everything else have its turn after every
 * so many; the transaction stays open meanwhile, and only its own connection knows.
 */

/** About 5 ms of work at 25 microseconds a row. */
const rowsPerTurn = 200;

/**
 * Lets everything else have its turn. Without it a writer that always has more to write would keep
 * the event loop to itself: nothing in a commit waits for anything outside of the process.
 */
export async function nextTurn(): Promise<void> {
  await new Promise(setImmediate);
}

/** Calls `work` for each item, and yields in between. */
export async function forEachInTurns<T>(
  items: readonly T[],
  work: (item: T) => void,
): Promise<void> {
  for (let start = 0; start < items.length; start += rowsPerTurn) {
    if (start > 0) await nextTurn();
    for (const item of items.slice(start, start + rowsPerTurn)) work(item);
  }
}
