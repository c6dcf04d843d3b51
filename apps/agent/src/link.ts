/**
 * The link as the parts of the agent see it: an open connection to a bridge that takes messages in
 * order, and asks for pieces of batches when it has room. `link-session.ts` makes one of a gRPC
 * stream.
 */
import type { AgentMessage, BatchPart, CodecName } from '@fairlead/protocol';

/** One message of an agent, without its envelope. */
export type AgentMessageBody = NonNullable<AgentMessage['message']>;

/** What the bridge announced when it opened the link. */
export interface LinkTerms {
  /** The bridge process, for logs. */
  readonly bridgeId: string;
  /** Compression of batches. */
  readonly codec: CodecName;
  /** Largest batch before compression, in bytes. */
  readonly maxBatchBytes: number;
  /** Largest piece of a batch, in bytes. */
  readonly maxPartBytes: number;
  /** Whether the bridge speaks what `verify.proto` says. */
  readonly hasAntiEntropy: boolean;
  /** Names the link on its tunnels; '' if the bridge has none. A secret. */
  readonly tunnelTicket: string;
}

/** Where a link gets batches from. */
export interface BatchSource {
  /**
   * The next piece, if there is one: `live` only of changes, while something is still being
   * written; `any` when the stream has written all that it was given.
   */
  next(which: 'live' | 'any'): BatchPart | undefined;
}

/** An open link. */
export interface Link {
  /** What was agreed. */
  readonly terms: LinkTerms;
  /** Aborts when the link is lost or ended. */
  readonly closed: AbortSignal;
  /** Whether the bridge asked for no new batches. */
  readonly isDraining: boolean;
  /** Sends a message after all earlier ones and before pieces not yet asked for. */
  send(message: AgentMessageBody): void;
  /** Says where batches come from; one source for the life of the link. */
  attach(source: BatchSource): void;
  /** The source may have a piece now. Does nothing while the source is being asked for one. */
  wake(): void;
  /** The next number for a feed; never the same twice on a link. */
  nextFeedId(): number;
}
