/** What waits for an account's writer, in the order it came, handed out delta by delta. */
import {
  decodeDeltaBatch,
  unpackBatch,
  type DeltaRecord,
  type RetireFeed,
  type TravellingBatch,
} from '@fairlead/protocol';
import { type DeadLetterReplay } from './dead-letter-replay.ts';

/** The next thing to do. */
export type Work =
  | /** Nothing waits. */ { readonly kind: 'empty' }
  | /** A delta of a batch. */ {
      readonly kind: 'delta';
      readonly feedId: number;
      readonly record: DeltaRecord;
    }
  | /** All deltas of the batch were handed out. */ {
      readonly kind: 'batchEnd';
      readonly batch: TravellingBatch;
    }
  | /** All of these checkpoints were handed out. */ {
      readonly kind: 'checkpointsEnd';
      /** What they cost. */
      readonly bytes: number;
    }
  | /** A feed is gone for good. */ { readonly kind: 'retirement'; readonly feed: RetireFeed }
  | /** Somebody wants a dead letter tried again. */ {
      readonly kind: 'replay';
      readonly replay: DeadLetterReplay;
    };

type Item = { readonly receivedAtMs: number } & (
  | { readonly kind: 'batch'; readonly batch: TravellingBatch }
  | { readonly kind: 'checkpoints'; readonly checkpoints: QuietCheckpoints }
  | { readonly kind: 'retirement'; readonly feed: RetireFeed }
  | { readonly kind: 'replay'; readonly replay: DeadLetterReplay }
);

/** Where quiet feeds stand, and what it costs to say so. */
export interface QuietCheckpoints {
  /** Of each feed, as a delta. */
  readonly marks: readonly { readonly feedId: number; readonly record: DeltaRecord }[];
  /** Credits. */
  readonly bytes: number;
}

/** Batches wait as they came, compressed; only the first one is unpacked. Bounded by credits. */
export class WorkQueue {
  #items: Item[] = [];
  #records: readonly DeltaRecord[] = [];
  #isUnpacked = false;
  #at = 0;

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** When the oldest thing that waits came, epoch milliseconds. */
  get oldestReceivedAtMs(): number | undefined {
    return this.#items[0]?.receivedAtMs;
  }

  /** Adds a batch. */
  addBatch(batch: TravellingBatch, receivedAtMs: number): void {
    this.#items.push({ kind: 'batch', batch, receivedAtMs });
  }

  /** Adds checkpoints; they come after the batches that came before them. */
  addCheckpoints(checkpoints: QuietCheckpoints, receivedAtMs: number): void {
    this.#items.push({ kind: 'checkpoints', checkpoints, receivedAtMs });
  }

  /** Adds a retirement; it comes after the batches that came before it. */
  addRetirement(feed: RetireFeed, receivedAtMs: number): void {
    this.#items.push({ kind: 'retirement', feed, receivedAtMs });
  }

  /** Adds a replay; it comes after the batches that came before it. */
  addReplay(replay: DeadLetterReplay, receivedAtMs: number): void {
    this.#items.push({ kind: 'replay', replay, receivedAtMs });
  }

  /** Drops everything. */
  clear(): void {
    this.#items = [];
    this.#pack();
  }

  /**
   * Takes the next thing off.
   *
   * @throws ProtocolError for a batch that is not one.
   */
  next(): Work {
    const [first] = this.#items;
    if (first === undefined) return { kind: 'empty' };
    if (first.kind === 'retirement' || first.kind === 'replay') {
      this.#items.shift();
      return first;
    }
    if (first.kind === 'checkpoints') return this.#nextMark(first.checkpoints);
    const { batch } = first;
    if (!this.#isUnpacked) {
      this.#records = decodeDeltaBatch(unpackBatch(batch));
      this.#isUnpacked = true;
      this.#at = 0;
    }
    const record = this.#records[this.#at];
    if (record !== undefined) {
      this.#at += 1;
      return { kind: 'delta', feedId: batch.feedId, record };
    }
    this.#items.shift();
    this.#pack();
    return { kind: 'batchEnd', batch };
  }

  #nextMark({ marks, bytes }: QuietCheckpoints): Work {
    const mark = marks[this.#at];
    if (mark !== undefined) {
      this.#at += 1;
      return { kind: 'delta', ...mark };
    }
    this.#items.shift();
    this.#pack();
    return { kind: 'checkpointsEnd', bytes };
  }

  #pack(): void {
    this.#records = [];
    this.#isUnpacked = false;
    this.#at = 0;
  }
}
