/**
 * The link as the parts of the agent see it: an open connection to a bridge that takes messages in
 * order. `link-session.ts` makes one of a gRPC stream.
 */
import type { AgentMessage, CodecName } from '@fairlead/protocol';

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
}

/** An open link. */
export interface Link {
  /** What was agreed. */
  readonly terms: LinkTerms;
  /** Aborts when the link is lost or ended. */
  readonly closed: AbortSignal;
  /** Whether the bridge asked for no new batches. */
  readonly isDraining: boolean;
  /**
   * Hands a message to the stream, after all earlier ones. Resolves when the stream took it, which
   * under load is when the bridge has read enough; also when the link is closed: then it is lost.
   */
  send(message: AgentMessageBody): Promise<void>;
  /** The next number for a feed; never the same twice on a link. */
  nextFeedId(): number;
}
