/**
 * Sends one feed's deltas over a link: takes them in while the agent's budget has room, and hands
 * out batches when its turn has come (`batch-scheduler.ts`). While there is no room its feed reads
 * nothing; while it is held back, newer changes of an object replace older ones.
 *
 * There are thousands of these: an idle one holds nothing but its name and its status.
 */
import {
  batchToParts,
  targetBatchBytes,
  targetBatchRecords,
  type BatchCompressor,
  type BatchPart,
  type CompressedBatch,
  type DeltaRecord,
} from '@fairlead/protocol';
import type { Delta, FeedKey, FeedOutput, FeedStatus } from '@fairlead/watch-engine';
import type { AccountOutlet } from './account-outlet.ts';
import type { BatchScheduler, SendingFeed } from './batch-scheduler.ts';
import type { AccountBytes, BudgetWaiter, ByteBudget, Urgency } from './byte-budget.ts';
import { DeltaQueue } from './delta-queue.ts';
import { recordFromDelta, wireFeedKey, wireFeedStates } from './delta-record.ts';
import type { ViewFeed } from './feed-view.ts';
import type { Link } from './link.ts';
import { outgoingDelta, outgoingRecord, urgencyOf, type OutgoingDelta } from './outgoing-delta.ts';
import type { QuietCheckpoints, QuietFeed } from './quiet-checkpoints.ts';

/** An object that no batch can hold. */
export interface OversizedObject {
  /** Its name. */
  readonly name: string;
  /** Its namespace, `''` for none. */
  readonly namespace: string;
  /** Its size. */
  readonly bytes: number;
}

/** What a sender tells for logs and metrics. */
export interface FeedSenderObserver {
  /** An unsent delta was replaced by a newer one. */
  coalesced(): void;
  /** An object is left out, since the bridge takes no batch that large. */
  oversized(feed: FeedKey, object: OversizedObject): void;
}

/** What the senders of one registration of an account share. */
export interface FeedSenderDeps {
  /** The open link. */
  readonly link: Link;
  /** Whose batch goes next on it. */
  readonly scheduler: BatchScheduler;
  /** The account's credits. */
  readonly outlet: AccountOutlet<SendingFeed>;
  /** Tells where the account's quiet feeds stand. */
  readonly quiet: QuietCheckpoints;
  /** The agent's memory budget. */
  readonly budget: ByteBudget;
  /** The account's part of it. */
  readonly bytes: AccountBytes;
  /** Time. */
  readonly clock: { nowMs(): number };
  /** Logs and metrics. */
  readonly observer: FeedSenderObserver;
  /** Account name. */
  readonly account: string;
  /** Epoch of the registration. */
  readonly epoch: number;
  /** Fingerprint of what is cut out of objects, told with the feed. */
  readonly policy: string;
  /** What of a feed's objects leaves the cluster, told with it. */
  readonly viewOf: ViewFeed;
}

/**
 * So much of a snapshot waits in a feed's queue before it reads on, in bytes: one batch, so that one
 * can be read while the one before it is sent. More would help nobody, since nothing is replaced.
 */
export const snapshotQueueBytes = targetBatchBytes;

interface SentBatch {
  readonly seq: number;
  /** Budget it holds. */
  readonly bytes: number;
}

/** A delta that the budget has no room for yet; its object is still the engine's. */
interface Applicant {
  readonly delta: OutgoingDelta;
  readonly settle: () => void;
}

/** `ready` until the scheduler takes a batch, `sending` until its last piece is with the link. */
type Phase = 'idle' | 'lingering' | 'ready' | 'sending';

/** The {@link FeedOutput} of one feed, from its opening until the feed or the registration ends. */
export class FeedSender implements FeedOutput, SendingFeed, QuietFeed {
  /** Number of the feed on its link. */
  readonly feedId: number;
  /** The feed. */
  readonly feed: FeedKey;
  readonly #deps: FeedSenderDeps;
  readonly #queue: DeltaQueue;
  #phase: Phase = 'idle';
  #isClosed = false;
  #lingerTicket = 0;
  #lastSeq = 0;
  #heldBytes = 0;
  #status: FeedStatus;
  #isStatusDeferred = false;
  /** The end of a snapshot, or a question, is queued, for which somebody waits. */
  #endsSnapshot = false;
  /** The newest bookmark, if nothing came after it. */
  #checkpoint: DeltaRecord | undefined;
  #unacknowledged: SentBatch[] = [];
  /** Those that wait for the budget; only the first one has applied. */
  #applicants: Applicant[] = [];
  #application: BudgetWaiter | undefined;
  /** Waits until less of a snapshot is queued. */
  #queueWaiters: (() => void)[] = [];

  constructor(deps: FeedSenderDeps, feed: FeedKey) {
    this.#deps = deps;
    this.feed = feed;
    this.#status = { state: 'discovering', reason: '', sinceMs: deps.clock.nowMs() };
    const { link, account, epoch, policy, viewOf } = deps;
    this.#queue = new DeltaQueue({
      buffers: deps.scheduler.buffers,
      maxBatchBytes: Math.min(targetBatchBytes, link.terms.maxBatchBytes),
      maxBatchRecords: targetBatchRecords,
    });
    this.feedId = link.nextFeedId();
    const told = { account, feedId: this.feedId, epoch, policy, view: viewOf(feed) };
    const value = { ...told, ...wireFeedKey(feed) };
    link.send({ $case: 'openFeed', value });
  }

  /** Whether it has ended. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether the bridge tells what it has, if it is asked. */
  get mayAsk(): boolean {
    return !this.#isClosed && this.#deps.link.terms.hasAntiEntropy;
  }

  /** Its newest status. */
  get currentStatus(): FeedStatus {
    return this.#status;
  }

  /** Whether everything sent was acknowledged, and nothing is left that could be sent now. */
  get isSettled(): boolean {
    const { outlet, link } = this.#deps;
    if (this.#unacknowledged.length > 0) return false;
    return outlet.balanceBytes <= 0 || link.isDraining || !this.#hasUnsent;
  }

  write(delta: Delta): Promise<void> | void {
    if (this.#isClosed) return undefined;
    if (delta.kind === 'checkpoint') {
      this.#checkpoint = recordFromDelta(delta, this.#deps.clock);
      this.#deps.quiet.add(this);
      return undefined;
    }
    return this.send(outgoingDelta(delta, this.#deps.clock));
  }

  /** As `write`, of a delta that is prepared. */
  send(delta: OutgoingDelta): Promise<void> | void {
    if (this.#isClosed) return undefined;
    const fitting = this.#fitting(delta);
    if (fitting === undefined) return undefined;
    // Every delta says more than the bookmark before it.
    this.#checkpoint = undefined;
    if (this.#applicants.length > 0 || !this.#admit(fitting)) return this.#apply(fitting);
    if (!this.#hasShortQueue()) return this.#whenQueueIsShort();
    // Otherwise reading would run ahead of compressing, for no gain.
    return this.#queue.hasFullBatch ? this.#deps.scheduler.compressing : undefined;
  }

  /** A worse state is told at once, `watching` after the deltas that led to it. */
  status(status: FeedStatus): void {
    if (this.#isClosed) return;
    this.#status = status;
    this.#isStatusDeferred = status.state === 'watching' && this.#hasSnapshotUnsent;
    if (!this.#isStatusDeferred) this.#sendStatus();
  }

  /** The bridge has committed every batch up to `seq`. */
  acknowledge(seq: number): void {
    let bytes = 0;
    let batches = 0;
    for (; (this.#unacknowledged[batches]?.seq ?? Infinity) <= seq; batches += 1) {
      bytes += this.#unacknowledged[batches]?.bytes ?? 0;
    }
    if (batches === 0) return;
    this.#unacknowledged.splice(0, batches);
    this.#deps.outlet.settled(batches);
    this.#release(bytes);
  }

  /** Ends it: what is not sent is dropped, held bytes are given back, waiting writes settle. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { budget, bytes, outlet, quiet } = this.#deps;
    outlet.forget(this);
    quiet.delete(this);
    if (this.#application !== undefined) budget.giveUp(bytes, this.#application);
    for (const { settle } of this.#applicants.splice(0)) settle();
    this.#queue.clear();
    const batches = this.#unacknowledged.splice(0).length;
    if (batches > 0) outlet.settled(batches);
    this.#release(this.#heldBytes);
    this.#wakeQueueWaiters();
  }

  takeBatch(
    compress: BatchCompressor['compress'],
    urgency: Urgency,
  ): readonly BatchPart[] | Promise<readonly BatchPart[]> | undefined {
    const { link, outlet } = this.#deps;
    const open = this.#queue.takeBatch();
    if (this.#queue.count === 0) this.#endsSnapshot = false;
    // The last delta was replaced by one that the budget has no room for yet.
    this.#phase = open === undefined ? 'idle' : 'sending';
    if (open === undefined) return undefined;
    const held = open.byteLength;
    if (this.#checkpoint !== undefined && this.#queue.count === 0) {
      open.add(outgoingRecord(this.#checkpoint));
      this.#checkpoint = undefined;
    }
    const { uncompressedBytes, content } = open.pack(compress);
    this.#lastSeq += 1;
    this.#unacknowledged.push({ seq: this.#lastSeq, bytes: held });
    outlet.spend(uncompressedBytes, urgency);
    if (this.#hasShortQueue()) this.#wakeQueueWaiters();
    const envelope = { feedId: this.feedId, batchSeq: this.#lastSeq, uncompressedBytes };
    const cut = (payload: CompressedBatch): readonly BatchPart[] =>
      batchToParts({ ...envelope, ...payload }, link.terms.maxPartBytes);
    return content instanceof Promise ? content.then(cut) : cut(content);
  }

  handedOver(): void {
    this.#phase = 'idle';
    if (this.#isStatusDeferred && !this.#hasSnapshotUnsent) {
      this.#isStatusDeferred = false;
      this.#sendStatus();
    }
    if (this.#queue.count === 0) return;
    const { live, bulk } = this.#deps.bytes.waiting;
    // While somebody waits for the room that it takes, it waits for no company.
    if (live.length + bulk.length > 0) this.#ready();
    else this.#readyOrLinger();
  }

  takeCheckpoint(): DeltaRecord | undefined {
    // Otherwise it goes along with the batch, or what comes makes it superfluous.
    if (this.#hasUnsent) return undefined;
    const checkpoint = this.#checkpoint;
    this.#checkpoint = undefined;
    return checkpoint;
  }

  lingered(ticket = this.#lingerTicket): void {
    const isMeant = this.#phase === 'lingering' && ticket === this.#lingerTicket;
    if (isMeant && !this.#isClosed) this.#ready();
  }

  get #hasUnsent(): boolean {
    const { length } = this.#applicants;
    return this.#queue.count + length > 0 || this.#phase !== 'idle';
  }

  get #hasSnapshotUnsent(): boolean {
    const isBefore = this.#queue.snapshotCount + this.#applicants.length > 0;
    return isBefore || this.#phase === 'sending';
  }

  /** Queues it if the budget has room; what it makes superfluous goes in any case. */
  #admit(delta: OutgoingDelta): boolean {
    const { budget, bytes, observer } = this.#deps;
    const olderBytes = this.#takeOutdated(delta);
    if (olderBytes > 0) observer.coalesced();
    const more = delta.bytes - olderBytes;
    if (more > 0 && !budget.admit(bytes, more, urgencyOf(delta))) {
      this.#release(olderBytes);
      return false;
    }
    this.#heldBytes += more;
    if (more < 0) budget.release(bytes, -more);
    this.#enqueue(delta);
    return true;
  }

  /** Only what is held back is worth looking through. */
  #takeOutdated(delta: OutgoingDelta): number {
    const isHeldBack =
      this.#deps.outlet.balanceBytes <= 0 || this.#queue.byteLength >= targetBatchBytes;
    if (isHeldBack) return this.#queue.takeOutdated(delta);
    this.#queue.stopReplacing();
    return 0;
  }

  /** Waits for the budget, behind what waits already; settles when the delta is queued. */
  #apply(delta: OutgoingDelta): Promise<void> {
    return new Promise((settle) => {
      this.#applicants.push({ delta, settle });
      if (this.#applicants.length === 1) this.#applyFirst();
    });
  }

  #applyFirst(): void {
    const first = this.#applicants[0];
    if (first === undefined) return;
    const { budget, bytes: account } = this.#deps;
    const { bytes } = first.delta;
    this.#application = {
      bytes,
      urgency: urgencyOf(first.delta),
      admitted: () => {
        this.#application = undefined;
        this.#applicants.shift();
        this.#heldBytes += bytes;
        this.#enqueue(first.delta);
        first.settle();
        this.#applyFirst();
      },
    };
    budget.admitLater(account, this.#application);
    if (this.#applicants[0] === first) this.#deps.outlet.hurry();
  }

  #enqueue(delta: OutgoingDelta): void {
    this.#queue.push(delta);
    if (delta.type.startsWith('initDone') || delta.type === 'initOver') this.#endsSnapshot = true;
    if (this.#phase === 'idle' || this.#phase === 'lingering') this.#readyOrLinger();
  }

  #readyOrLinger(): void {
    if (this.#endsSnapshot || this.#queue.hasFullBatch) this.#ready();
    else if (this.#phase === 'idle') this.#linger();
  }

  /** A change waits for nothing but what was read along with it while the bridge is not busy. */
  #linger(): void {
    const { outlet, scheduler } = this.#deps;
    const urgency = this.#queue.snapshotCount > 0 ? 'bulk' : 'live';
    this.#phase = 'lingering';
    outlet.lingering(this, urgency);
    const isAwaited = urgency === 'live' && outlet.isSettled;
    this.#lingerTicket = scheduler.linger(this, isAwaited ? 'turn' : urgency);
  }

  #ready(): void {
    this.#phase = 'ready';
    this.#deps.outlet.ready(this, this.#queue.snapshotCount > 0 ? 'bulk' : 'live');
  }

  /** What is too large for any batch is left out; in a snapshot it still says that it is there. */
  #fitting(delta: OutgoingDelta): OutgoingDelta | undefined {
    const { bytes } = delta;
    if (bytes <= this.#deps.link.terms.maxBatchBytes) return delta;
    const record = delta.toRecord();
    const { name, namespace } = record;
    this.#deps.observer.oversized(this.feed, { name, namespace, bytes });
    return record.type === 'initApplied'
      ? outgoingRecord({ ...record, object: new Uint8Array(0) })
      : undefined;
  }

  #hasShortQueue(): boolean {
    return this.#queue.snapshotCount === 0 || this.#queue.byteLength < snapshotQueueBytes;
  }

  #whenQueueIsShort(): Promise<void> {
    return new Promise((resolve) => this.#queueWaiters.push(resolve));
  }

  #wakeQueueWaiters(): void {
    for (const wake of this.#queueWaiters.splice(0)) wake();
  }

  #release(bytes: number): void {
    this.#heldBytes -= bytes;
    this.#deps.budget.release(this.#deps.bytes, bytes);
  }

  #sendStatus(): void {
    const { state, reason, sinceMs } = this.#status;
    const value = { feedId: this.feedId, state: wireFeedStates[state], reason, sinceMs };
    this.#deps.link.send({ $case: 'feedStatus', value });
  }
}
