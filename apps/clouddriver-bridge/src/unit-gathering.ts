/**
 * Gathers one unit from an account's queue, delta by delta, until it is full or until something must
 * happen before the next. Synchronous, in slices, so that the next unit can be gathered while the
 * database is busy with the one before.
 */
import { type RetireFeed } from '@fairlead/protocol';
import { type AheadFate, type PendingAhead } from './ahead-object.ts';
import { type AccountFeeds, type OpenedFeed } from './account-feeds.ts';
import { type DeadLetterReplay } from './dead-letter-replay.ts';
import { UnitBuilder, type UnitLimits } from './unit-builder.ts';
import { type Work, type WorkQueue } from './work-queue.ts';

/** What must happen after a unit is committed, before the next one is. */
export type Afterwards =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'sweep'; readonly feed: OpenedFeed }
  | { readonly kind: 'retire'; readonly feed: RetireFeed }
  | { readonly kind: 'replay'; readonly replay: DeadLetterReplay };

/** What a gathering works with. */
export interface UnitGatheringDeps {
  /** Where deltas come from. */
  readonly queue: WorkQueue;
  /** What they mean. */
  readonly feeds: AccountFeeds;
  /** When the unit is full. @defaultValue `unitLimits` */
  readonly limits: UnitLimits | undefined;
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
  /** Batches that are whole with this unit: by feed, the newest one. */
  readonly acknowledged = new Map<number, number>();
  /** Feeds whose agent asks, from the beginning of a snapshot in it, what is stored. */
  readonly asking: { readonly feed: OpenedFeed; readonly snapshot: number }[] = [];
  /** What was found beside the feeds and is in it, or in units before it. */
  readonly aheads: GatheredAhead[] = [];
  readonly #deps: UnitGatheringDeps;
  #afterwards: Afterwards = { kind: 'nothing' };
  #deltas = 0;
  #outdated = 0;
  #bytes = 0;
  #sinceMs: number | undefined;

  constructor(deps: UnitGatheringDeps) {
    this.#deps = deps;
    this.unit = new UnitBuilder(deps.limits);
  }

  /** What must follow its commit. */
  get afterwards(): Afterwards {
    return this.#afterwards;
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

  /** Bytes of the batches that are whole with it. */
  get bytes(): number {
    return this.#bytes;
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
      if (this.unit.isFull || this.#afterwards.kind !== 'nothing') return false;
      if (queue.isEmpty) {
        feeds.forgetClosed();
        return false;
      }
      if (this.#sinceMs === undefined) queue.beginUnit();
      this.#sinceMs ??= queue.oldestReceivedAtMs;
      this.#takeOne(queue.next());
    }
    return true;
  }

  #takeOne(work: Work): void {
    switch (work.kind) {
      case 'empty':
        return;
      case 'retirement':
        this.#afterwards = { kind: 'retire', feed: work.feed };
        return;
      case 'ahead':
        this.#takeAhead(work.ahead);
        return;
      case 'replay':
        this.#afterwards = { kind: 'replay', replay: work.replay };
        return;
      case 'batchEnd':
        this.acknowledged.set(work.batch.feedId, work.batch.batchSeq);
        this.#bytes += work.batch.uncompressedBytes;
        return;
      case 'checkpointsEnd':
        this.#bytes += work.bytes;
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
    if (outcome.kind === 'snapshotComplete') this.#afterwards = { kind: 'sweep', feed };
    if (outcome.kind === 'outdated') this.#outdated += 1;
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
