/**
 * Tells the bridge where an account's quiet feeds stand: all together and every few minutes, not one
 * batch for each bookmark. A server sends a bookmark per feed and minute, so 25 idle feeds would
 * otherwise cost 8 MB a day.
 */
import { checkpointCreditBytes, type DeltaRecord } from '@fairlead/protocol';
import type { Link } from './link.ts';

/** A feed whose bookmark may have to be told. */
export interface QuietFeed {
  /** Its number on the link. */
  readonly feedId: number;
  /** Gives its bookmark away, if everything before it is with the link. */
  takeCheckpoint(): DeltaRecord | undefined;
}

/** What a keeper works with. */
export interface QuietCheckpointsDeps {
  /** The open link. */
  readonly link: Link;
  /** The account's credits. */
  readonly outlet: { readonly balanceBytes: number; pay(bytes: number): void };
  /** Calls `flush` after a while. */
  readonly flushLater: (keeper: QuietCheckpoints) => void;
  /** Account name. */
  readonly account: string;
  /** Epoch of the registration. */
  readonly epoch: number;
}

/**
 * How long a bookmark may wait, in milliseconds. So much longer an idle feed's `asOf` may be behind;
 * and so much more of the past is asked for after a crash, for which API servers keep five minutes
 * (kube-apiserver, --etcd-compaction-interval).
 */
export const checkpointIntervalMs = 120_000;

/** The bookmarks of one account in one registration. */
export class QuietCheckpoints {
  readonly #deps: QuietCheckpointsDeps;
  readonly #feeds = new Set<QuietFeed>();
  #isWaiting = false;

  constructor(deps: QuietCheckpointsDeps) {
    this.#deps = deps;
  }

  /** A feed has a bookmark and nothing else to say. */
  add(feed: QuietFeed): void {
    this.#feeds.add(feed);
    this.#wait();
  }

  /** A feed has ended. */
  delete(feed: QuietFeed): void {
    this.#feeds.delete(feed);
  }

  /** Sends what there is, unless there is no credit for it: then it waits once more. */
  flush(): void {
    const { link, outlet, account, epoch } = this.#deps;
    this.#isWaiting = false;
    if (link.closed.aborted || link.isDraining || this.#feeds.size === 0) return;
    if (outlet.balanceBytes <= 0) {
      this.#wait();
      return;
    }
    const told = [...this.#feeds].flatMap((feed) => {
      const record = feed.takeCheckpoint();
      return record === undefined ? [] : [{ feedId: feed.feedId, record }];
    });
    this.#feeds.clear();
    if (told.length === 0) return;
    const readAtMs = Math.max(...told.map(({ record }) => record.readAtMs));
    const feeds = told.map(({ feedId, record }) => ({
      feedId,
      resourceVersion: record.resourceVersion,
      ageSeconds: Math.ceil((readAtMs - record.readAtMs) / 1000),
    }));
    outlet.pay(feeds.length * checkpointCreditBytes);
    link.send({ $case: 'checkpoints', value: { account, epoch, readAtMs, feeds } });
  }

  #wait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#deps.flushLater(this);
  }
}
