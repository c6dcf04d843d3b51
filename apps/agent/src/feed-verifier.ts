/**
 * Answers the bridge's question what a cluster holds: lists the metadata of a feed's objects and
 * sends the digest of their versions. One feed of an account after the other, so that it is never
 * more than one list at a time that nobody waits for.
 */
import {
  hashObjectVersion,
  isBucketCount,
  VersionDigest,
  type FeedDigest,
  type ObjectVersion,
  type VerifyFeed,
} from '@fairlead/protocol';
import type { FeedKey, MetadataListing } from '@fairlead/watch-engine';

/** What a verifier needs of the watcher. */
export interface ListsMetadata {
  /** Lists what a feed would send, by its metadata; rejects when `signal` is aborted. */
  listMetadata(
    feed: FeedKey,
    take: (object: ObjectVersion) => void,
    signal: AbortSignal,
  ): Promise<MetadataListing>;
}

/** What a verifier works with. */
export interface FeedVerifierDeps {
  /** The cluster. */
  readonly watcher: ListsMetadata;
  /** Sends an answer. */
  readonly answer: (digest: FeedDigest) => void;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

interface Question {
  readonly feed: FeedKey;
  readonly asked: VerifyFeed;
}

/** The questions of one registration of an account. */
export class FeedVerifier {
  readonly #deps: FeedVerifierDeps;
  /** By feed number; a newer question about a feed replaces the older. */
  readonly #questions = new Map<number, Question>();
  #isRunning = false;

  constructor(deps: FeedVerifierDeps) {
    this.#deps = deps;
  }

  /** Takes a question; it is answered in its turn. */
  ask(feed: FeedKey, asked: VerifyFeed): void {
    this.#questions.set(asked.feedId, { feed, asked });
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    const { signal, answer } = this.#deps;
    this.#isRunning = true;
    try {
      for (const [feedId, question] of this.#questions) {
        if (signal.aborted) break;
        this.#questions.delete(feedId);
        answer(await this.#digest(question));
      }
    } catch (error: unknown) {
      // A list rejects only when the registration ends, and then nobody waits for the answer.
      if (!signal.aborted) throw error;
    } finally {
      this.#isRunning = false;
    }
  }

  async #digest({ feed, asked: { feedId, buckets } }: Question): Promise<FeedDigest> {
    const none = { feedId, resourceVersion: '', objects: 0, sums: new Uint8Array(0) };
    if (!isBucketCount(buckets)) return { ...none, failure: `${buckets} buckets` };
    const { watcher, signal } = this.#deps;
    const digest = new VersionDigest(buckets);
    let objects = 0;
    const listing = await watcher.listMetadata(
      feed,
      (object) => {
        digest.add(hashObjectVersion(object));
        objects += 1;
      },
      signal,
    );
    if (listing.kind === 'failed') return { ...none, failure: listing.reason };
    const { resourceVersion } = listing;
    return { feedId, resourceVersion, objects, sums: digest.encode(), failure: '' };
  }
}
