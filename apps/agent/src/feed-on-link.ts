/**
 * One feed as the bridge's messages find it: acknowledgements go to its sender, what is stored of it
 * to its output, questions to the cluster behind it.
 */
import type { FeedKey } from '@fairlead/watch-engine';
import type { FeedSender } from './feed-sender.ts';
import type { FeedVerifier } from './feed-verifier.ts';
import type { AccountMessage } from './link-session.ts';
import type { ThriftyOutput } from './thrifty-output.ts';

/** A message about a feed. */
export type FeedMessage = Extract<
  AccountMessage,
  { $case: 'ack' | 'knownObjects' | 'relistFeed' | 'verifyFeed' }
>;

/** A feed's parts. */
export interface FeedParts {
  /** Sends its batches. */
  readonly sender: FeedSender;
  /** Takes its deltas. */
  readonly output: ThriftyOutput;
  /** Asks its cluster. */
  readonly verifier: FeedVerifier;
  /** Takes a new snapshot of it. */
  readonly relist: (feed: FeedKey) => void;
}

/** An open feed. */
export class FeedOnLink {
  readonly #parts: FeedParts;

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  /** Its sender. */
  get sender(): FeedSender {
    return this.#parts.sender;
  }

  /** Takes a message of the bridge. */
  receive(message: FeedMessage): void {
    const { sender, output, verifier, relist } = this.#parts;
    switch (message.$case) {
      case 'ack': {
        sender.acknowledge(message.value.batchSeq);
        return;
      }
      case 'knownObjects': {
        output.know(message.value);
        return;
      }
      case 'relistFeed': {
        relist(sender.feed);
        return;
      }
      case 'verifyFeed':
        verifier.ask(sender.feed, message.value);
    }
  }

  /** Ends it. */
  close(): void {
    this.#parts.sender.close();
    this.#parts.output.close();
  }
}
