/**
 * One account's way into the database under one epoch: takes batches in order, gathers them into
 * units, commits, and only then acknowledges and gives credit back. One unit at a time; accounts
 * work side by side as far as the permits go.
 */
import { type ProjectionContext } from '@fairlead/clouddriver-model';
import {
  type FeedStatus,
  type OpenFeed,
  type RetireFeed,
  type TravellingBatch,
} from '@fairlead/protocol';
import {
  type CommitResult,
  SqlCacheError,
  type SqlCache,
  type StoredFeed,
} from '@fairlead/sql-cache';
import { AccountFeeds, type OpenedFeed } from './account-feeds.ts';
import { type UnprojectableObject } from './feed-intake.ts';
import { commitIsolating } from './isolating-commit.ts';
import { type Permits } from './permits.ts';
import { sweepRows } from './sweep-rows.ts';
import { UnitBuilder, type UnitLimits } from './unit-builder.ts';
import { WorkQueue } from './work-queue.ts';

/** What a writer works with. */
export interface AccountWriterDeps {
  /** The database. */
  readonly cache: Pick<SqlCache, 'commit' | 'listIds'>;
  /** How many accounts commit at once. */
  readonly permits: Permits;
  /** Time. */
  readonly clock: { nowMs(): number; sleep(ms: number, signal: AbortSignal): Promise<void> };
  /** Where the consequences go. */
  readonly outlet: AccountWriterOutlet;
  /** @defaultValue `unitLimits` */
  readonly limits?: UnitLimits;
}

/** Where a writer's work shows. Calls must not throw. */
export interface AccountWriterOutlet {
  /** Batches up to these are in the database: by feed, the newest one. */
  acknowledged(batches: ReadonlyMap<number, number>): void;
  /** So many bytes are no longer held. */
  settled(bytes: number): void;
  /** A unit is in the database. */
  committed(unit: CommittedUnit): void;
  /** An object cannot become a row. */
  unprojectable(object: UnprojectableObject): void;
  /** The database refuses a row for what is in it. */
  rowRefused(row: { readonly type: string; readonly id: string }, reason: string): void;
  /** The database refuses every unit; it will be asked again. */
  databaseRefuses(reason: string): void;
  /** The database has a newer epoch: nothing more can be written. */
  fenced(): void;
  /** A batch does not keep to the contract, or this program has a bug: nothing more is written. */
  failed(error: unknown): void;
}

/** Numbers of one unit, for metrics. */
export interface CommittedUnit {
  /** What the database did. */
  readonly result: CommitResult;
  /** Deltas in it. */
  readonly deltas: number;
  /** When the agent had read each change that is no part of a snapshot, epoch milliseconds. */
  readonly readAtMs: readonly number[];
}

/** Whose rows are written. */
export interface WriterGrant {
  /** The account. */
  readonly account: string;
  /** The epoch that every transaction carries. */
  readonly epoch: number;
  /** Facts for the projection. */
  readonly context: ProjectionContext;
  /** What the database had when the epoch began. */
  readonly stored: readonly StoredFeed[];
}

/** Pause before a unit is tried again that the database refuses for no row's sake, ms. */
const refusedPauseMs = 5000;

/** What one turn gathers. */
interface Turn {
  readonly unit: UnitBuilder;
  readonly readAtMs: number[];
  readonly acknowledged: Map<number, number>;
  deltas: number;
  bytes: number;
}

/** What must happen after a unit is committed, before the next is gathered. */
type Afterwards =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'sweep'; readonly feed: OpenedFeed }
  | { readonly kind: 'retire'; readonly feed: RetireFeed };

/** Writes one account. */
export class AccountWriter {
  readonly #deps: AccountWriterDeps;
  readonly #grant: WriterGrant;
  readonly #feeds: AccountFeeds;
  readonly #queue = new WorkQueue();
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;
  /** What `oldestWaitingMs` was when the unit that is being committed was gathered. */
  #turnSinceMs: number | undefined;

  constructor(deps: AccountWriterDeps, grant: WriterGrant) {
    this.#deps = deps;
    this.#grant = grant;
    this.#feeds = new AccountFeeds(grant.context, grant.stored);
  }

  /** The epoch that is written by. */
  get epoch(): number {
    return this.#grant.epoch;
  }

  /** The open feeds. */
  feeds(): readonly OpenedFeed[] {
    return this.#feeds.all();
  }

  /** When the oldest thing came that is not committed, epoch milliseconds; `undefined` if none. */
  get oldestWaitingMs(): number | undefined {
    return this.#turnSinceMs ?? this.#queue.oldestReceivedAtMs;
  }

  /** A feed begins. */
  openFeed(feed: OpenFeed): OpenedFeed {
    return this.#feeds.open(feed, this.#deps.clock.nowMs());
  }

  /** The agent tells of a feed. */
  setStatus(status: FeedStatus): void {
    this.#feeds.setStatus(status);
  }

  /** A feed is gone for good; its rows go after the batches before it. */
  retire(feed: RetireFeed): void {
    this.#feeds.closeRetired(feed);
    this.#queue.addRetirement(feed, this.#deps.clock.nowMs());
    this.#start();
  }

  /** A batch that was charged will never be whole. */
  forgetBatch(bytes: number): void {
    this.#deps.outlet.settled(bytes);
  }

  /** Takes a batch of an open feed. */
  enqueue(batch: TravellingBatch): void {
    this.#queue.addBatch(batch, this.#deps.clock.nowMs());
    this.#start();
  }

  /** Resolves when everything taken is in the database, or the writer has stopped. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Writes nothing more; what waits is dropped unacknowledged, so that it is sent again. */
  stop(): void {
    this.#stopped.abort();
    this.#queue.clear();
  }

  get #isStopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  #start(): void {
    if (this.#isStopped) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async #run(): Promise<void> {
    try {
      // A turn of the loop per permit: an account with much to do lets the others in between.
      while (!this.#isStopped && !this.#queue.isEmpty) {
        await this.#deps.permits.with(() => this.#turn());
      }
    } catch (error: unknown) {
      this.#end(error);
    }
  }

  #end(error: unknown): void {
    const wasStopped = this.#isStopped;
    this.stop();
    if (error instanceof SqlCacheError && error.code === 'fenced') this.#deps.outlet.fenced();
    else if (!wasStopped) this.#deps.outlet.failed(error);
  }

  async #turn(): Promise<void> {
    if (this.#isStopped) return;
    const turn: Turn = {
      unit: new UnitBuilder(this.#deps.limits),
      readAtMs: [],
      acknowledged: new Map(),
      deltas: 0,
      bytes: 0,
    };
    this.#turnSinceMs = this.#queue.oldestReceivedAtMs;
    const afterwards = this.#gather(turn);
    await this.#commit(turn);
    if (afterwards.kind === 'sweep') {
      await this.#untilTaken(() => this.#sweep(afterwards.feed));
    } else if (afterwards.kind === 'retire') {
      await this.#untilTaken(() => this.#retire(afterwards.feed));
    }
    this.#turnSinceMs = undefined;
  }

  /** Takes deltas into the unit until it is full, or until something must happen in between. */
  #gather(turn: Turn): Afterwards {
    while (!turn.unit.isFull) {
      const work = this.#queue.next();
      switch (work.kind) {
        case 'empty':
          this.#feeds.forgetClosed();
          return { kind: 'nothing' };
        case 'retirement':
          return { kind: 'retire', feed: work.feed };
        case 'batchEnd':
          turn.acknowledged.set(work.batch.feedId, work.batch.batchSeq);
          turn.bytes += work.batch.uncompressedBytes;
          break;
        case 'delta': {
          const feed = this.#feeds.get(work.feedId);
          // Shadowed: its rows come from another feed, its batches still count.
          if (feed === undefined || feed.shadowedBy !== undefined) break;
          turn.deltas += 1;
          if (!feed.intake.isInSnapshot && isChange(work.record.type)) {
            turn.readAtMs.push(work.record.readAtMs);
          }
          const outcome = feed.intake.take(work.record, turn.unit);
          if (outcome.kind === 'unprojectable') this.#deps.outlet.unprojectable(outcome.object);
          if (outcome.kind === 'snapshotComplete') return { kind: 'sweep', feed };
        }
      }
    }
    return { kind: 'nothing' };
  }

  async #commit(turn: Turn): Promise<void> {
    const { outlet } = this.#deps;
    await this.#commitUnit(turn.unit, turn);
    if (this.#isStopped) return;
    if (turn.acknowledged.size > 0) outlet.acknowledged(turn.acknowledged);
    if (turn.bytes > 0) outlet.settled(turn.bytes);
  }

  async #commitUnit(
    unit: UnitBuilder,
    numbers: { readonly deltas: number; readonly readAtMs: readonly number[] },
  ): Promise<void> {
    if (unit.isEmpty) return;
    const { cache, outlet } = this.#deps;
    const { signal } = this.#stopped;
    const built = unit.build(this.#grant);
    const setAside = outlet.rowRefused.bind(outlet);
    const result = await this.#untilTaken(() =>
      commitIsolating(built, { cache, signal, setAside }),
    );
    for (const { intake } of this.#feeds.all()) intake.markCommitted();
    outlet.committed({ result, deltas: numbers.deltas, readAtMs: numbers.readAtMs });
  }

  /** Tries again what the database refuses for no row's sake: somebody must mend the database. */
  async #untilTaken<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error: unknown) {
        if (!(error instanceof SqlCacheError) || error.code !== 'rejected') throw error;
        this.#deps.outlet.databaseRefuses(error.message);
      }
      await this.#deps.clock.sleep(refusedPauseMs, this.#stopped.signal);
    }
  }

  /** Ends a snapshot: rows that it did not name go, and the checkpoint moves with the last of them. */
  async #sweep({ intake }: OpenedFeed): Promise<void> {
    const { type, agent, feed } = intake;
    const pages = sweepRows({
      cache: this.#deps.cache,
      rows: { type, agent, namespace: feed.namespace },
      isKept: (id) => intake.isSeen(id),
    });
    for await (const { deletes, isLast } of pages) {
      if (this.#isStopped) return;
      const unit = new UnitBuilder(this.#deps.limits);
      for (const key of deletes) unit.delete(key);
      if (isLast) intake.finishSnapshot(unit);
      await this.#commitUnit(unit, { deltas: 0, readAtMs: [] });
    }
  }

  /** Removes a feed's rows, but for those that another feed covers, and then its checkpoint. */
  async #retire(retired: RetireFeed): Promise<void> {
    const { type, agent } = this.#feeds.rowsOf(retired);
    const pages = sweepRows({
      cache: this.#deps.cache,
      rows: { type, agent, namespace: retired.namespace },
      isKept: (id) => this.#feeds.isCovered(type, id),
    });
    for await (const { deletes, isLast } of pages) {
      if (this.#isStopped) return;
      const unit = new UnitBuilder(this.#deps.limits);
      for (const key of deletes) unit.delete(key);
      if (isLast) unit.retire(retired);
      await this.#commitUnit(unit, { deltas: 0, readAtMs: [] });
    }
  }
}

function isChange(type: string): boolean {
  return type === 'applied' || type === 'deleted';
}
