/**
 * What waits for an account's writer, handed out delta by delta. The order is kept within each feed,
 * which is all that the rows need; between feeds a unit stays with one as long as there is more of it
 * (rows of few types make few statements), and every second unit begins with a light batch if there
 * is one, so that a change does not wait for the snapshots of other feeds. What was found beside the
 * feeds goes before everything: it is ahead of them anyway.
 *
 * Lanes may be closed to whoever takes: then only batches of other lanes are handed out, and nothing
 * that speaks of feeds as they are.
 */
import {
  decodeDeltaBatch,
  unpackBatch,
  type DeltaRecord,
  type RetireFeed,
  type TravellingBatch,
} from '@fairlead/protocol';
import { type PendingAhead } from './ahead-object.ts';
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
      readonly lane: string;
    }
  | /** All of these checkpoints were handed out. */ {
      readonly kind: 'checkpointsEnd';
      /** What they cost. */
      readonly bytes: number;
    }
  | /** A feed is gone for good. */ { readonly kind: 'retirement'; readonly feed: RetireFeed }
  | /** An object was found beside its feed. */ {
      readonly kind: 'ahead';
      readonly ahead: PendingAhead;
    }
  | /** Somebody wants a dead letter tried again. */ {
      readonly kind: 'replay';
      readonly replay: DeadLetterReplay;
    };

type Item = { readonly receivedAtMs: number } & (
  | { readonly kind: 'batch'; readonly batch: TravellingBatch; readonly lane: string }
  | { readonly kind: 'checkpoints'; readonly checkpoints: QuietCheckpoints }
  | { readonly kind: 'retirement'; readonly feed: RetireFeed }
  | { readonly kind: 'replay'; readonly replay: DeadLetterReplay }
);
type BatchItem = Item & { readonly kind: 'batch' };

/** Lanes of which nothing may be handed out. */
export type ClosedLanes = ReadonlySet<string>;

const noLanes: ClosedLanes = new Set();

/** Where quiet feeds stand, and what it costs to say so. */
export interface QuietCheckpoints {
  /** Of each feed, as a delta. */
  readonly marks: readonly { readonly feedId: number; readonly record: DeltaRecord }[];
  /** Credits. */
  readonly bytes: number;
}

/** A batch of less is light, in bytes before compression: some changes, not a piece of a snapshot. */
const lightBytes = 64 * 1024;

/** Batches wait as they came, compressed; only one at a time is unpacked. Bounded by credits. */
export class WorkQueue {
  #items: Item[] = [];
  #aheads: { readonly ahead: PendingAhead; readonly receivedAtMs: number }[] = [];
  /** What is being handed out: it is finished before anything else. */
  #open: Item | undefined;
  #records: readonly DeltaRecord[] = [];
  #at = 0;
  /** The feed that the unit stays with. */
  #lane: string | undefined;
  #isLightsTurn = false;
  /** What is open was begun in the unit before: it is no reason to stay with its feed. */
  #isLeftOver = false;

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#items.length + this.#aheads.length === 0;
  }

  /** Whether more waits than the end of the batch that is being handed out. */
  get hasMore(): boolean {
    const isAtEnd = this.#open?.kind === 'batch' && this.#at >= this.#records.length;
    return this.#items.length + this.#aheads.length > (isAtEnd ? 1 : 0);
  }

  /** When the oldest thing that waits came, epoch milliseconds. */
  get oldestReceivedAtMs(): number | undefined {
    return this.#items[0]?.receivedAtMs ?? this.#aheads[0]?.receivedAtMs;
  }

  /** Adds a batch; those of one lane are handed out in the order in which they were added. */
  addBatch(batch: TravellingBatch, lane: string, receivedAtMs: number): void {
    this.#items.push({ kind: 'batch', batch, lane, receivedAtMs });
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

  /** Adds what was found beside a feed; it comes next, in the order in which it was added. */
  addAhead(ahead: PendingAhead, receivedAtMs: number): void {
    this.#aheads.push({ ahead, receivedAtMs });
  }

  /** Drops everything. */
  clear(): void {
    this.#items = [];
    this.#aheads = [];
    this.#close();
  }

  /** Another unit begins: it need not stay with the feed of the one before. */
  beginUnit(): void {
    this.#lane = undefined;
    this.#isLeftOver = this.#open !== undefined;
    this.#isLightsTurn = !this.#isLightsTurn;
  }

  /** Whether something may be handed out now, although these lanes are closed. */
  hasNext(closed: ClosedLanes): boolean {
    if (closed.size === 0) return !this.isEmpty;
    if (this.#aheads.length > 0) return false;
    const open = this.#open;
    if (open === undefined) return this.#firstOpen(closed) !== undefined;
    // The end of a batch of which nothing else is left changes nothing.
    const isAtEnd = this.#at > 0 && this.#at >= this.#records.length;
    return open.kind === 'batch' && (isAtEnd || !closed.has(open.lane));
  }

  /**
   * Takes the next thing off; ask first whether there is one that may be handed out.
   *
   * @throws ProtocolError for a batch that is not one.
   */
  next(closed: ClosedLanes = noLanes): Work {
    const found = this.#aheads.shift();
    if (found !== undefined) return { kind: 'ahead', ahead: found.ahead };
    const item = (this.#open ??= this.#pick(closed));
    switch (item?.kind) {
      case undefined:
        return { kind: 'empty' };
      case 'retirement':
      case 'replay':
        this.#finish(item);
        return item;
      case 'checkpoints':
        return this.#nextMark(item);
      case 'batch':
        return this.#nextDelta(item);
    }
  }

  #nextDelta(item: BatchItem): Work {
    const { batch, lane } = item;
    if (this.#at === 0) this.#records = decodeDeltaBatch(unpackBatch(batch));
    const record = this.#records[this.#at];
    if (record !== undefined) {
      this.#at += 1;
      return { kind: 'delta', feedId: batch.feedId, record };
    }
    if (!this.#isLeftOver) this.#lane = lane;
    this.#finish(item);
    return { kind: 'batchEnd', batch, lane };
  }

  #nextMark(item: Item & { readonly kind: 'checkpoints' }): Work {
    const { marks, bytes } = item.checkpoints;
    const mark = marks[this.#at];
    if (mark !== undefined) {
      this.#at += 1;
      return { kind: 'delta', ...mark };
    }
    this.#finish(item);
    return { kind: 'checkpointsEnd', bytes };
  }

  /** More of the same feed, or a light batch in its turn, else the oldest. */
  #pick(closed: ClosedLanes): Item | undefined {
    const lane = this.#lane;
    const isClosed = lane !== undefined && closed.has(lane);
    if (lane !== undefined && !isClosed) {
      return this.#firstBatch((item) => item.lane === lane) ?? this.#firstOpen(closed);
    }
    // A feed that has come to an end is as good a place for a light batch as the unit's beginning.
    if (!this.#isLightsTurn && !isClosed) return this.#firstOpen(closed);
    const overtaken = new Set<string>();
    const isNext = (item: BatchItem): boolean => {
      const isLight = item.batch.uncompressedBytes < lightBytes && !overtaken.has(item.lane);
      overtaken.add(item.lane);
      return isLight && !closed.has(item.lane);
    };
    return this.#firstBatch(isNext) ?? this.#firstOpen(closed);
  }

  /** The oldest thing that may be handed out. */
  #firstOpen(closed: ClosedLanes): Item | undefined {
    if (closed.size === 0) return this.#items[0];
    return this.#firstBatch((item) => !closed.has(item.lane));
  }

  /** Only among the batches that nothing else stands before: that speaks of the feeds as they are. */
  #firstBatch(isWanted: (item: BatchItem) => boolean): BatchItem | undefined {
    for (const item of this.#items) {
      if (item.kind !== 'batch') return undefined;
      if (isWanted(item)) return item;
    }
    return undefined;
  }

  #finish(item: Item): void {
    this.#items.splice(this.#items.indexOf(item), 1);
    this.#close();
  }

  #close(): void {
    this.#open = undefined;
    this.#records = [];
    this.#at = 0;
    this.#isLeftOver = false;
  }
}
