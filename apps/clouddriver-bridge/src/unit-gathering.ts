/**
 * Gathers one unit from an account's queue, delta by delta, until it is full or until something must
 * happen before the next. Synchronous, in slices, so that the next unit can be gathered while the
 * database is busy with the one before.
 *
 * A feed whose snapshot is complete is swept after the commit, and nothing more is taken of it before:
 * what is swept decides what its later deltas mean. Other feeds go on.
 */
import { type RetireFeed, type TravellingBatch } from '@fairlead/protocol';
import { type AheadFate, type PendingAhead } from './ahead-object.ts';
import { type AccountFeeds, type OpenedFeed } from './account-feeds.ts';
import { type DeadLetterReplay } from './dead-letter-replay.ts';
import { type FeedIntake } from './feed-intake.ts';
import { feedKey, UnitBuilder, type UnitLimits } from './unit-builder.ts';
import { type ClosedLanes, type Work, type WorkQueue } from './work-queue.ts';

/** What must happen after a unit is committed, before the next one is. */
export type Afterwards =
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'sweep';
      /** Their snapshots are complete, in this order. */
      readonly feeds: readonly FeedIntake[];
      /** Batches that end with such a snapshot, and are acknowledged after the sweep. */
      readonly ends: EndedBatches;
    }
  | { readonly kind: 'retire'; readonly feed: RetireFeed }
  | { readonly kind: 'replay'; readonly replay: DeadLetterReplay };

/** Batches that are whole. */
export class EndedBatches {
  /** By feed, the newest one. */
  readonly newest = new Map<number, number>();
  #bytes = 0;

  /** Their size, uncompressed. */
  get bytes(): number {
    return this.#bytes;
  }

  /** One more. */
  add({ feedId, batchSeq, uncompressedBytes }: TravellingBatch): void {
    this.newest.set(feedId, batchSeq);
    this.#bytes += uncompressedBytes;
  }

  /** Something that is not acknowledged, but costs. */
  charge(bytes: number): void {
    this.#bytes += bytes;
  }
}

/**
 * Snapshots that end in one unit. A change that comes while they are swept waits for all of them;
 * four at a time, 16 take a database about as long as a unit of 500 rows.
 */
const maxSwept = 16;

/** What a gathering works with. */
export interface UnitGatheringDeps {
  /** Where deltas come from. */
  readonly queue: WorkQueue;
  /** What they mean. */
  readonly feeds: AccountFeeds;
  /** When the unit is full. @defaultValue `unitLimits` */
  readonly limits: UnitLimits | undefined;
  /** Feeds that are being swept: nothing is taken of them before {@link UnitGathering.openLanes}. */
  readonly closed?: ClosedLanes;
}

/** What was found of an object, and what became of it as soon as the unit is committed. */
export interface GatheredAhead {
  readonly ahead: PendingAhead;
  readonly fate: AheadFate;
}

/** One unit in the making. */
export class UnitGathering {
  /** The rows and checkpoints. */
  readonly unit: UnitBuilder;
  /** When the agent had read each change that is no part of a snapshot, epoch milliseconds. */
  readonly readAtMs: number[] = [];
  /** Batches that are whole with this unit. */
  readonly ends = new EndedBatches();
  /** Feeds whose agent asks, from the beginning of a snapshot in it, what is stored. */
  readonly asking: { readonly feed: OpenedFeed; readonly snapshot: number }[] = [];
  /** What was found beside the feeds and is in it, or in units before it. */
  readonly aheads: GatheredAhead[] = [];
  readonly #deps: UnitGatheringDeps;
  /** Lanes of which nothing may be taken. */
  readonly #closed: Set<string>;
  readonly #swept = new Map<string, FeedIntake>();
  readonly #sweptEnds = new EndedBatches();
  #last: Afterwards = { kind: 'nothing' };
  #deltas = 0;
  #outdated = 0;
  #sinceMs: number | undefined;

  constructor(deps: UnitGatheringDeps) {
    this.#deps = deps;
    this.unit = new UnitBuilder(deps.limits);
    this.#closed = new Set(deps.closed);
  }

  /** What must follow its commit. */
  get afterwards(): Afterwards {
    if (this.#swept.size === 0) return this.#last;
    return { kind: 'sweep', feeds: [...this.#swept.values()], ends: this.#sweptEnds };
  }

  /** Feeds that will be swept after its commit. */
  get sweptLanes(): ClosedLanes {
    return new Set(this.#swept.keys());
  }

  /** What was being swept when it began is swept. */
  openLanes(): void {
    for (const lane of this.#closed) if (!this.#swept.has(lane)) this.#closed.delete(lane);
  }

  /** Deltas in it. */
  get deltas(): number {
    return this.#deltas;
  }

  /** Those of them that were older than rows which had been written ahead. */
  get outdated(): number {
    return this.#outdated;
  }

  /** Whether somebody waits for more than a snapshot. */
  get isUrgent(): boolean {
    return this.readAtMs.length + this.aheads.length > 0;
  }

  /** When the oldest thing in it came, epoch milliseconds; `undefined` while nothing is in it. */
  get sinceMs(): number | undefined {
    return this.#sinceMs;
  }

  /** Whether nothing was taken. */
  get isEmpty(): boolean {
    return this.#sinceMs === undefined;
  }

  /** Takes at most `maxSteps` things off the queue; whether there is more that it may take now. */
  take(maxSteps = Infinity): boolean {
    const { queue, feeds } = this.#deps;
    for (let step = 0; step < maxSteps; step += 1) {
      if (this.#isComplete) return false;
      if (queue.isEmpty) feeds.forgetClosed();
      if (!queue.hasNext(this.#closed)) return false;
      if (this.#sinceMs === undefined) queue.beginUnit();
      this.#sinceMs ??= queue.oldestReceivedAtMs;
      this.#takeOne(queue.next(this.#closed));
    }
    return true;
  }

  get #isComplete(): boolean {
    return this.unit.isFull || this.#last.kind !== 'nothing' || this.#swept.size >= maxSwept;
  }

  #takeOne(work: Work): void {
    switch (work.kind) {
      case 'empty':
        return;
      case 'retirement':
        this.#last = { kind: 'retire', feed: work.feed };
        return;
      case 'ahead':
        this.#takeAhead(work.ahead);
        return;
      case 'replay':
        this.#last = { kind: 'replay', replay: work.replay };
        return;
      case 'batchEnd':
        (this.#swept.has(work.lane) ? this.#sweptEnds : this.ends).add(work.batch);
        return;
      case 'checkpointsEnd':
        this.ends.charge(work.bytes);
        return;
      case 'delta':
        this.#takeDelta(work);
    }
  }

  #takeDelta({ feedId, record }: Work & { readonly kind: 'delta' }): void {
    const feed = this.#deps.feeds.get(feedId);
    if (feed !== undefined && record.type === 'initOver') {
      this.asking.push({ feed, snapshot: feed.intake.ask() });
    }
    // Shadowed: its rows come from another feed, its batches still count.
    if (feed === undefined || feed.shadowedBy !== undefined) return;
    this.#deltas += 1;
    if (!feed.intake.isInSnapshot && isChange(record.type)) this.readAtMs.push(record.readAtMs);
    const outcome = feed.intake.take(record, this.unit);
    if (outcome.kind === 'snapshotComplete') this.#sweep(feed.intake);
    if (outcome.kind === 'outdated') this.#outdated += 1;
  }

  #sweep(intake: FeedIntake): void {
    const lane = feedKey(intake.feed);
    this.#swept.set(lane, intake);
    this.#closed.add(lane);
  }

  #takeAhead(ahead: PendingAhead): void {
    const outcome = this.#deps.feeds.ofResource(ahead.found)?.takeAhead(ahead.found, this.unit);
    const fate = outcome === 'taken' ? 'committed' : (outcome ?? 'noFeed');
    this.aheads.push({ ahead, fate });
  }
}

function isChange(type: string): boolean {
  return type === 'applied' || type === 'deleted';
}
