/**
 * The feeds of one link: whose number is whose, and batches that come in pieces. What the agent may
 * not say throws, and ends the link.
 */
import {
  checkpointCreditBytes,
  PartAssembler,
  type BatchPart,
  type Checkpoints,
  type DeltaRecord,
  type OpenFeed,
  type RetireFeed,
} from '@fairlead/protocol';
import { type AccountWriter } from './account-writer.ts';
import { TooMany } from './link-limits.ts';
import { feedKey } from './unit-builder.ts';

/** What the feeds of a link need of the bridge. */
export interface LinkFeedsDeps {
  /** Feeds that may be open at a time. */
  readonly maxFeeds: number;
  /** The writer of an account, if this link feeds it by this epoch. */
  readonly writerOf: (account: string, epoch: number) => AccountWriter | undefined;
  /** Something begins to arrive that costs credit; `false` if there is none for it. */
  readonly charge: (account: string, bytes: number) => boolean;
}

/** Whose feed a number is. */
interface FeedOwner {
  readonly account: string;
  readonly epoch: number;
  /** The feed's name within the account. */
  readonly key: string;
}

/** A checkpoint as a delta, but for where and when. */
const aCheckpoint: Omit<DeltaRecord, 'resourceVersion' | 'readAtMs'> = {
  type: 'checkpoint',
  namespace: '',
  name: '',
  uid: '',
  object: new Uint8Array(0),
};

/** All feeds of a link. */
export class LinkFeeds {
  readonly #deps: LinkFeedsDeps;
  readonly #assembler = new PartAssembler();
  readonly #feeds = new Map<number, FeedOwner>();
  #lastFeedId = 0;

  constructor(deps: LinkFeedsDeps) {
    this.#deps = deps;
  }

  /** The agent names a feed and gives it a number. */
  open(feed: OpenFeed): void {
    const { account, epoch, feedId } = feed;
    if (feedId <= this.#lastFeedId) throw new Error(`feed number ${feedId} does not rise`);
    const { maxFeeds } = this.#deps;
    if (this.#feeds.size >= maxFeeds) {
      throw new TooMany('tooManyFeeds', `more than ${maxFeeds} feeds on one link`);
    }
    this.#lastFeedId = feedId;
    const writer = this.#deps.writerOf(account, epoch);
    // Of an epoch that has ended: its batches will be ignored.
    if (writer === undefined) return;
    this.#closeFeeds(account, feedKey(feed));
    this.#feeds.set(feedId, { account, epoch, key: feedKey(feed) });
    writer.openFeed(feed);
  }

  /** A feed is gone for good. */
  retire(feed: RetireFeed): void {
    const writer = this.#deps.writerOf(feed.account, feed.epoch);
    if (writer === undefined) return;
    this.#closeFeeds(feed.account, feedKey(feed));
    writer.retire(feed);
  }

  /** An account is fed over this link no longer. */
  close(account: string): void {
    this.#closeFeeds(account);
  }

  /** Closes the feeds of an account, or the one of a name; unfinished batches are given back. */
  #closeFeeds(account: string, key?: string): void {
    for (const [feedId, owner] of this.#feeds) {
      if (owner.account !== account || (key !== undefined && owner.key !== key)) continue;
      this.#feeds.delete(feedId);
      const bytes = this.#assembler.forget(feedId);
      if (bytes > 0) {
        this.#deps.writerOf(account, owner.epoch)?.forgetBatch(bytes);
      }
    }
  }

  /** A batch, or a piece of one, has come. */
  takePart(part: BatchPart): void {
    const owner = this.#feeds.get(part.feedId);
    const writer = this.writerOf(part.feedId);
    // Of an epoch that has ended: whoever feeds next sends it again.
    if (owner === undefined || writer === undefined) return;
    if (part.part === 0 && !this.#deps.charge(owner.account, part.uncompressedBytes)) {
      throw new Error(`a batch of ${part.uncompressedBytes} bytes came without credit`);
    }
    const batch = this.#assembler.add(part);
    if (batch !== undefined) writer.enqueue(batch);
  }

  /** Quiet feeds stand there; those that were closed meanwhile are left out, though they were paid for. */
  takeCheckpoints({ account, epoch, readAtMs, feeds }: Checkpoints): void {
    const writer = this.#deps.writerOf(account, epoch);
    if (writer === undefined || feeds.length === 0) return;
    const bytes = feeds.length * checkpointCreditBytes;
    if (!this.#deps.charge(account, bytes)) {
      throw new Error(`checkpoints of ${feeds.length} feeds came without credit`);
    }
    const marks = feeds
      .filter(({ feedId }) => this.#isFeedOf(feedId, account, epoch))
      .map(({ feedId, resourceVersion, ageSeconds }) => ({
        feedId,
        record: { ...aCheckpoint, resourceVersion, readAtMs: readAtMs - ageSeconds * 1000 },
      }));
    writer.enqueueCheckpoints({ marks, bytes });
  }

  #isFeedOf(feedId: number, account: string, epoch: number): boolean {
    const owner = this.#feeds.get(feedId);
    return owner?.account === account && owner.epoch === epoch;
  }

  /** The writer of an open feed's account; `undefined` if its epoch has ended. */
  writerOf(feedId: number): AccountWriter | undefined {
    if (feedId > this.#lastFeedId) throw new Error(`feed number ${feedId} was not opened`);
    const owner = this.#feeds.get(feedId);
    return owner && this.#deps.writerOf(owner.account, owner.epoch);
  }
}
