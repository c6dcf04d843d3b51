/**
 * Decides whose batch goes next on a link. A batch is made when its turn has come and not before,
 * so nothing that is ready stands behind something less urgent, and the newest state of an object
 * is what is sent: changes go before snapshots, accounts take turns, and so do the feeds of one.
 * Whatever the others do, a change waits for at most the batch that is being written, and a
 * snapshot for a few batches of changes.
 */
import { setImmediate } from 'node:timers/promises';
import { BufferPool, type BatchCompressor, type BatchPart } from '@fairlead/protocol';
import { liveBatchesInARow, type AccountOutlet, type WaitingFeed } from './account-outlet.ts';
import type { Urgency } from './byte-budget.ts';
import { LingerQueue, type LingerClock } from './linger-queue.ts';
import type { BatchSource, Link } from './link.ts';
import { checkpointIntervalMs, type QuietCheckpoints } from './quiet-checkpoints.ts';

/** A feed as the scheduler sees it. */
export interface SendingFeed extends WaitingFeed {
  /** Takes, compresses and pays for one batch: its pieces, if there is anything to send now. */
  takeBatch(
    compress: BatchCompressor['compress'],
    urgency: Urgency,
  ): readonly BatchPart[] | Promise<readonly BatchPart[]> | undefined;
  /** All pieces of its batch are with the link. */
  handedOver(): void;
}

/** What a scheduler works with. */
export interface BatchSchedulerDeps {
  /** The open link. */
  readonly link: Link;
  /** Time. */
  readonly clock: LingerClock;
  /** Compresses its batches; freed with the link. */
  readonly compressor: BatchCompressor;
  /** A piece of a batch goes out. */
  readonly sent: (bytes: number) => void;
}

/**
 * How long the first change waits for company while the bridge is busy with the account, in
 * milliseconds. Measured at 1000 deltas/s: 1 ms costs a fifth more CPU per delta than 5 ms, which
 * adds 3 ms of latency.
 */
export const lingerMs = 2;

/**
 * How long a snapshot's deltas wait while nothing else comes, in milliseconds: nobody waits for a
 * part of a snapshot, and a few large batches cost the bridge fewer statements than many small.
 */
export const snapshotLingerMs = 20;

interface PartlySent {
  readonly feed: SendingFeed;
  /** `undefined` while it is compressed. */
  parts: readonly BatchPart[] | undefined;
  sentParts: number;
}

/** The one source of batches of a link. */
export class BatchScheduler implements BatchSource {
  /** Memory of the batches that the link's feeds fill. */
  readonly buffers = new BufferPool();
  readonly #deps: BatchSchedulerDeps;
  readonly #compress: BatchCompressor['compress'];
  #compressing: Promise<void> | undefined;
  /** Accounts that may send; the first one's turn is next. */
  readonly #turns: Readonly<Record<Urgency, Set<AccountOutlet<SendingFeed>>>> = {
    live: new Set(),
    bulk: new Set(),
  };
  /** Batches of which pieces are still to go: at most one of each urgency. */
  readonly #open: Record<Urgency, PartlySent | undefined> = { live: undefined, bulk: undefined };
  readonly #lingering: Readonly<Record<Urgency | 'turn', LingerQueue<SendingFeed>>>;
  readonly #quiet: LingerQueue<QuietCheckpoints>;
  #liveInARow = 0;

  constructor(deps: BatchSchedulerDeps) {
    this.#deps = deps;
    const { clock, compressor } = deps;
    const signal = deps.link.closed;
    signal.addEventListener('abort', () => compressor.close(), { once: true });
    this.#compress = compressor.compress.bind(compressor);
    const onDue = (feed: SendingFeed, ticket: number): void => feed.lingered(ticket);
    this.#lingering = {
      turn: new LingerQueue({ waitMs: 0, clock: turnsOf(clock), signal, onDue }),
      live: new LingerQueue({ waitMs: lingerMs, clock, signal, onDue }),
      bulk: new LingerQueue({ waitMs: snapshotLingerMs, clock, signal, onDue }),
    };
    this.#quiet = new LingerQueue({
      ...{ waitMs: checkpointIntervalMs, clock, signal },
      onDue: (keeper) => keeper.flush(),
    });
    deps.link.attach(this);
  }

  /**
   * Calls the feed's `lingered` with the ticket that this answers: after a while, or when all that
   * has been received in this turn of the event loop is read.
   */
  linger(feed: SendingFeed, wait: Urgency | 'turn'): number {
    return this.#lingering[wait].add(feed);
  }

  /** Calls the keeper's `flush` after some minutes. */
  flushLater(keeper: QuietCheckpoints): void {
    this.#quiet.add(keeper);
  }

  /** An account has a feed that may send. */
  mayHave(outlet: AccountOutlet<SendingFeed>, urgency: Urgency): void {
    this.#turns[urgency].add(outlet);
    this.#deps.link.wake();
  }

  /** Settles when the last batch that was taken is compressed; `undefined` if it is. */
  get compressing(): Promise<void> | undefined {
    return this.#compressing;
  }

  next(which: 'live' | 'any'): BatchPart | undefined {
    if (this.#deps.link.isDraining) return undefined;
    if (which === 'live') return this.#piece('live');
    const isBulkDue = this.#liveInARow >= liveBatchesInARow;
    const [first, second] = isBulkDue ? (['bulk', 'live'] as const) : (['live', 'bulk'] as const);
    return this.#piece(first) ?? this.#piece(second);
  }

  #piece(urgency: Urgency): BatchPart | undefined {
    const open = this.#unfinished(urgency) ?? this.#begin(urgency);
    const part = open?.parts?.[open.sentParts];
    if (open === undefined || part === undefined) return undefined;
    open.sentParts += 1;
    this.#deps.sent(part.payload.byteLength);
    if (open.sentParts === open.parts?.length) {
      this.#open[urgency] = undefined;
      open.feed.handedOver();
    }
    return part;
  }

  /** The rest of a batch whose feed has ended is not sent: the bridge has forgotten its beginning. */
  #unfinished(urgency: Urgency): PartlySent | undefined {
    if (this.#open[urgency]?.feed.isClosed === true) this.#open[urgency] = undefined;
    return this.#open[urgency];
  }

  #begin(urgency: Urgency): PartlySent | undefined {
    for (const outlet of this.#turns[urgency]) {
      const feed = outlet.next(urgency);
      this.#turns[urgency].delete(outlet);
      if (feed === undefined) continue;
      const parts = feed.takeBatch(this.#compress, urgency);
      // Behind the others, for its next turn.
      for (const each of ['live', 'bulk'] as const) {
        if (outlet.hasNext(each)) this.#turns[each].add(outlet);
      }
      if (parts === undefined) continue;
      this.#liveInARow = urgency === 'live' ? this.#liveInARow + 1 : 0;
      return (this.#open[urgency] = this.#opened(feed, parts));
    }
    return undefined;
  }

  #opened(
    feed: SendingFeed,
    parts: readonly BatchPart[] | Promise<readonly BatchPart[]>,
  ): PartlySent {
    if (!(parts instanceof Promise)) return { feed, parts, sentParts: 0 };
    const open: PartlySent = { feed, parts: undefined, sentParts: 0 };
    const compressing = parts.then((compressed) => {
      if (this.#compressing === compressing) this.#compressing = undefined;
      open.parts = compressed;
      this.#deps.link.wake();
    });
    this.#compressing = compressing;
    return open;
  }
}

/** A clock on which nothing takes longer than until the end of the event loop's turn. */
function turnsOf(clock: LingerClock): LingerClock {
  return {
    nowMs: () => clock.nowMs(),
    sleep: (_ms, signal) => setImmediate(undefined, { signal }),
  };
}
