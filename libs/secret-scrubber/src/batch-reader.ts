/**
 * Turns the batches of a kernel into events, for feeds in which nothing is secret. What a batch
 * does not take is left to the caller, so no event is made, or lost, here.
 */
import { changes, place, placeCount } from './kernel.ts';
import type { Batch, BatchFeed, ScanKernel } from './kernel.ts';
import { LentTable } from './lent-table.ts';
import type { ResolvedScannerOptions } from './scanner-options.ts';
import type { ListScanEvent, WatchScanEvent } from './scanner.ts';
import { TakenObject } from './taken-object.ts';

/** A stretch of the window; the byte at `end` must be 0. */
export interface BatchWindow<E> {
  readonly from: number;
  readonly end: number;
  /** Gets what was found. */
  readonly events: E[];
}

/** Where items stopped. */
export interface ItemsEnd {
  readonly next: number;
  /** An item must start at `next`; otherwise it is what follows an item. */
  readonly isBeforeItem: boolean;
}

/** A reader for the feed; undefined for one whose objects are looked at one by one. */
export function batchReaderOf(
  kernel: ScanKernel,
  options: ResolvedScannerOptions,
): BatchReader | undefined {
  const { batchFeed } = options;
  return batchFeed && new BatchReader(kernel, options, batchFeed);
}

/** Reads batch after batch. */
export class BatchReader {
  readonly #kernel: ScanKernel;
  readonly #options: ResolvedScannerOptions;
  readonly #feed: BatchFeed;
  /** Of the last batch. */
  #lent: LentTable | undefined;

  constructor(kernel: ScanKernel, options: ResolvedScannerOptions, feed: BatchFeed) {
    this.#kernel = kernel;
    this.#options = options;
    this.#feed = feed;
  }

  /** Takes lines as long as they are ordinary; returns where the first other one starts. */
  takeLines({ from, end, events }: BatchWindow<WatchScanEvent>): number {
    this.#kernel.setFeed(this.#feed);
    let next = from;
    for (;;) {
      const batch = this.#kernel.takeLines(next, end);
      const table = this.#table(batch);
      for (let row = 0; row < batch.count * placeCount; row += placeCount) {
        const kind = changes[batch.rows[row + place.change] ?? 0];
        if (kind !== undefined) events.push({ kind, object: new TakenObject(table, row) });
      }
      next = batch.next;
      if (!batch.isFull) return next;
    }
  }

  /** As `takeLines`, for the items of a list. */
  takeItems({ from, end, events }: BatchWindow<ListScanEvent>): ItemsEnd {
    this.#kernel.setFeed(this.#feed);
    let next = from;
    for (;;) {
      const batch = this.#kernel.takeItems(next, end);
      const table = this.#table(batch);
      for (let row = 0; row < batch.count * placeCount; row += placeCount) {
        events.push({ kind: 'object', object: new TakenObject(table, row) });
      }
      next = batch.next;
      if (!batch.isFull) return { next, isBeforeItem: batch.isBeforeItem };
    }
  }

  /** The objects found so far are not needed any more. */
  release(): void {
    this.#lent?.release();
    this.#lent = undefined;
  }

  #table(batch: Batch): LentTable {
    const table = new LentTable(this.#options, batch);
    if (this.#options.objects === 'own') {
      table.keep();
    } else if (batch.count > 0) {
      this.#lent = table;
      this.#kernel.lend(table);
    }
    return table;
  }
}
