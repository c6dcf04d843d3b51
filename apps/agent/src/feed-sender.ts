/**
 * Sends one feed's deltas over a link: collects them into batches, keeps to the account's credits
 * and the agent's budget, and holds its feed back when there is no room.
 *
 * One flush runs at a time and takes what is in the queue when it gets there, so batches never
 * overlap and grow by themselves while the link is busy; on an idle link a delta leaves after a
 * few milliseconds.
 */
import {
  batchToParts,
  compressBatch,
  DeltaBatchEncoder,
  targetBatchBytes,
  targetBatchRecords,
  type DeltaRecord,
} from '@fairlead/protocol';
import type { Delta, FeedKey, FeedOutput, FeedStatus } from '@fairlead/watch-engine';
import type { AccountCredit } from './account-credit.ts';
import type { ByteBudget } from './byte-budget.ts';
import { DeltaQueue, recordBytes } from './delta-queue.ts';
import { recordFromDelta, wireFeedKey, wireFeedStates } from './delta-record.ts';
import type { Link } from './link.ts';

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
  /** A piece of a batch went out. */
  sent(bytes: number): void;
  /** An unsent delta was replaced by a newer one. */
  coalesced(): void;
  /** An object is left out, since the bridge takes no batch that large. */
  oversized(feed: FeedKey, object: OversizedObject): void;
}

/** Time, as a sender needs it. */
export interface SenderClock {
  /** Unix milliseconds. */
  nowMs(): number;
  /** Resolves after `ms`; rejects when `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** What a sender works with. */
export interface FeedSenderDeps {
  /** The open link. */
  readonly link: Link;
  /** Credits of the account in this registration. */
  readonly credit: AccountCredit;
  /** The agent's memory budget. */
  readonly budget: ByteBudget;
  /** Time. */
  readonly clock: SenderClock;
  /** Logs and metrics. */
  readonly observer: FeedSenderObserver;
}

/** Which feed, in which registration. */
export interface FeedSenderOptions {
  /** Account name. */
  readonly account: string;
  /** Epoch of the registration. */
  readonly epoch: number;
  /** The feed. */
  readonly feed: FeedKey;
}

/**
 * How long the first delta waits for company, in milliseconds. Measured at 1000 deltas/s: 1 ms
 * costs a fifth more CPU per delta than 5 ms, which adds 3 ms of latency.
 */
export const lingerMs = 2;

/**
 * How long a snapshot's deltas wait while nothing else comes, in milliseconds: nobody waits for a
 * part of a snapshot, and a few large batches cost the bridge fewer statements than many small.
 */
export const snapshotLingerMs = 20;

interface SentBatch {
  readonly seq: number;
  /** Budget it holds. */
  readonly bytes: number;
}

/** The {@link FeedOutput} of one feed, from its opening until the feed or the registration ends. */
export class FeedSender implements FeedOutput {
  /** Number of the feed on its link. */
  readonly feedId: number;
  readonly #deps: FeedSenderDeps;
  readonly #options: FeedSenderOptions;
  readonly #queue = new DeltaQueue();
  readonly #encoder = new DeltaBatchEncoder();
  readonly #unacknowledged: SentBatch[] = [];
  readonly #closing = new AbortController();
  /** Ends with the sender or its link; made once, since each one made stays with the link. */
  readonly #over: AbortSignal;
  readonly #queueWaiters = new Set<() => void>();
  #lingering: AbortController | undefined;
  #lastSeq = 0;
  #isFlushing = false;
  #heldBytes = 0;
  #status: FeedStatus;
  #deferredStatus: FeedStatus | undefined;

  constructor(deps: FeedSenderDeps, options: FeedSenderOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#over = AbortSignal.any([this.#closing.signal, deps.link.closed]);
    this.#status = { state: 'discovering', reason: '', sinceMs: deps.clock.nowMs() };
    this.feedId = deps.link.nextFeedId();
    const { account, epoch, feed } = options;
    const value = { account, feedId: this.feedId, epoch, ...wireFeedKey(feed) };
    void deps.link.send({ $case: 'openFeed', value });
  }

  /** The feed. */
  get feed(): FeedKey {
    return this.#options.feed;
  }

  /** Its newest status. */
  get currentStatus(): FeedStatus {
    return this.#status;
  }

  /** Whether everything sent was acknowledged, and nothing is left that could be sent now. */
  get isSettled(): boolean {
    const canSend = this.#deps.credit.balanceBytes > 0 && !this.#deps.link.isDraining;
    const isSent = !canSend || (this.#queue.count === 0 && !this.#isFlushing);
    return isSent && this.#unacknowledged.length === 0;
  }

  write(delta: Delta): Promise<void> | void {
    if (this.#isClosed()) return undefined;
    const record = this.#fitting(recordFromDelta(delta, this.#deps.clock.nowMs()));
    if (record === undefined) return undefined;
    const bytes = recordBytes(record);
    const replaced = this.#queue.push(record);
    if (replaced !== undefined) this.#deps.observer.coalesced();
    this.#hold(bytes - (replaced === undefined ? 0 : recordBytes(replaced)));
    if (!isPartOfSnapshot(record) || !this.#hasRoom()) this.#lingering?.abort();
    if (!this.#isFlushing) void this.#flush(isPartOfSnapshot(record) ? snapshotLingerMs : lingerMs);
    return this.#hasRoom() ? undefined : this.#whenRoom();
  }

  /** A worse state is told at once, `watching` after the deltas that led to it. */
  status(status: FeedStatus): void {
    if (this.#isClosed()) return;
    this.#status = status;
    this.#deferredStatus = undefined;
    if (status.state === 'watching' && this.#isFlushing) this.#deferredStatus = status;
    else this.#sendStatus(status);
  }

  /** The bridge has committed every batch up to `seq`. */
  acknowledge(seq: number): void {
    let bytes = 0;
    while ((this.#unacknowledged[0]?.seq ?? Infinity) <= seq) {
      bytes += this.#unacknowledged.shift()?.bytes ?? 0;
    }
    this.#hold(-bytes);
  }

  /** Ends it: what is not sent is dropped, held bytes are given back, waiting writes settle. */
  close(): void {
    if (this.#isClosed()) return;
    this.#closing.abort();
    this.#queue.take(Infinity, Infinity);
    this.#unacknowledged.length = 0;
    this.#hold(-this.#heldBytes);
    this.#wakeQueueWaiters();
  }

  /** Runs while there is something to send. `#isFlushing` falls in the step that found nothing. */
  async #flush(forMs: number): Promise<void> {
    this.#isFlushing = true;
    const { credit } = this.#deps;
    await this.#linger(forMs);
    while (this.#queue.count > 0 && this.#maySend()) {
      await credit.whenPositive(this.#over);
      // The queue is read only now: what came while waiting goes along.
      if (this.#maySend()) await this.#sendBatch();
      this.#wakeQueueWaiters();
    }
    this.#isFlushing = false;
    const deferred = this.#deferredStatus;
    this.#deferredStatus = undefined;
    if (deferred !== undefined && this.#maySend()) this.#sendStatus(deferred);
  }

  /** Waits for company, until the batch is full or something comes that is in a hurry. */
  async #linger(forMs: number): Promise<void> {
    const hurry = new AbortController();
    this.#lingering = hurry;
    const either = AbortSignal.any([this.#over, hurry.signal]);
    await this.#deps.clock.sleep(forMs, either).catch(ignoreAbort);
    this.#lingering = undefined;
  }

  /** Takes, encodes, compresses and pays for one batch at once; only the link may make it wait. */
  async #sendBatch(): Promise<void> {
    const { link, credit, observer } = this.#deps;
    const maxBytes = Math.min(targetBatchBytes, link.terms.maxBatchBytes);
    const records = this.#queue.take(maxBytes, targetBatchRecords);
    for (const record of records) this.#encoder.add(record);
    const bytes = this.#encoder.finish();
    const held = records.reduce((sum, record) => sum + recordBytes(record), 0);
    this.#lastSeq += 1;
    this.#unacknowledged.push({ seq: this.#lastSeq, bytes: held });
    credit.spend(bytes.byteLength);
    const parts = batchToParts(
      {
        feedId: this.feedId,
        batchSeq: this.#lastSeq,
        uncompressedBytes: bytes.byteLength,
        ...compressBatch(bytes, link.terms.codec),
      },
      link.terms.maxPartBytes,
    );
    for (const value of parts) {
      if (this.#isClosed()) return;
      await link.send({ $case: 'batchPart', value });
      observer.sent(value.payload.byteLength);
    }
  }

  /** What is too large for any batch is left out; in a snapshot it still says that it is there. */
  #fitting(record: DeltaRecord): DeltaRecord | undefined {
    const bytes = recordBytes(record);
    if (bytes <= this.#deps.link.terms.maxBatchBytes) return record;
    const { name, namespace } = record;
    this.#deps.observer.oversized(this.feed, { name, namespace, bytes });
    return record.type === 'initApplied' ? { ...record, object: new Uint8Array(0) } : undefined;
  }

  #hasRoom(): boolean {
    return this.#hasShortQueue() && this.#deps.budget.hasRoom(this.#options.account);
  }

  /** Without credit or with a busy link, one batch is collected and then the feed stops. */
  #hasShortQueue(): boolean {
    return this.#queue.byteLength < targetBatchBytes && this.#queue.count < targetBatchRecords;
  }

  async #whenRoom(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted && !this.#hasRoom()) {
      if (this.#hasShortQueue()) await this.#deps.budget.whenRoom(this.#options.account, signal);
      else await new Promise<void>((resolve) => this.#queueWaiters.add(resolve));
    }
  }

  #wakeQueueWaiters(): void {
    const waiters = [...this.#queueWaiters];
    this.#queueWaiters.clear();
    for (const wake of waiters) wake();
  }

  #hold(bytes: number): void {
    const { budget } = this.#deps;
    this.#heldBytes += bytes;
    if (bytes > 0) budget.take(this.#options.account, bytes);
    else if (bytes < 0) budget.release(this.#options.account, -bytes);
  }

  #sendStatus({ state, reason, sinceMs }: FeedStatus): void {
    const value = { feedId: this.feedId, state: wireFeedStates[state], reason, sinceMs };
    void this.#deps.link.send({ $case: 'feedStatus', value });
  }

  #maySend(): boolean {
    const { link } = this.#deps;
    return !this.#over.aborted && !link.isDraining;
  }

  #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }
}

function isPartOfSnapshot({ type }: DeltaRecord): boolean {
  return type === 'init' || type === 'initApplied';
}

function ignoreAbort(): void {
  // An aborted sleep ends the flush at its next look at the signal.
}
