/** What happens in a bridge that logs and metrics tell of. Calls are quick and never throw. */
import { type ClusterIdentity, type MoveRefusal } from '@fairlead/account-registry';
import { type DeadLetter, type DefinitionOutcome } from '@fairlead/sql-cache';
import { type LinkRefusal } from './access/agent-authenticator.ts';
import { type ClientRefusal } from './access/client-authenticator.ts';
import { type LetterFate } from './account-dead-letters.ts';
import { type AheadFate } from './ahead-object.ts';
import { type CommittedUnit } from './account-writer.ts';
import { type VerificationOutcome } from './feed-verification.ts';
import { type GatewayAudit } from './gateway/gateway.ts';
import { type ReadVerb } from './gateway/cached-reads.ts';
import { type DiscoveryOutcome } from './gateway/discovery-cache.ts';
import { type LinkSession } from './link-session.ts';

/** Told as it happens. */
export interface BridgeEvents {
  /** An agent has said who it is. */
  linkOpened(session: LinkSession): void;
  /** A link is gone. */
  linkClosed(session: LinkSession, reason: string): void;
  /** A link was refused before it began. */
  linkUnauthenticated(peer: string, refusal: LinkRefusal): void;
  /** A client was not let in. */
  clientRefused(refusal: ClientRefusal): void;
  /** A connection was ended from this side, at one of the doors. */
  connectionRefused(door: 'agents' | 'clients', reason: string): void;
  /** The HTTP port's certificates were read again; with an error: could not be. */
  certificatesRead(error?: unknown): void;
  /** The gRPC library has changed inside: far agents will send slowly. */
  windowsNotWidened(): void;
  /** An agent feeds an account. */
  accountAccepted(account: string, agentId: string, epoch: number): void;
  /** An agent waits. */
  accountStandby(account: string, linkId: string, reason: string): void;
  /** An agent may not feed an account. */
  accountRejected(account: string, agentId: string, reason: string): void;
  /** An agent feeds an account no longer. */
  accountRevoked(account: string, epoch: number, reason: string): void;
  /** An account has another state. */
  accountMoved(account: string, from: string, to: string): void;
  /** A client wants an account's name to mean another cluster: who, and what came of it. */
  moveAsked(move: {
    readonly account: string;
    readonly client: string;
    readonly outcome: MoveRefusal | 'begun';
    readonly from?: ClusterIdentity;
    readonly to?: ClusterIdentity;
  }): void;
  /** The database did not answer a question about an account. */
  storeFailed(account: string, error: unknown, retryInMs: number): void;
  /** A transaction is committed. */
  unitCommitted(account: string, unit: CommittedUnit): void;
  /** An object has no row, or the database refuses its row. */
  putAside(letter: DeadLetter, fate: LetterFate): void;
  /** The database refuses everything. */
  databaseRefuses(account: string, reason: string): void;
  /** A write was too late: somebody else feeds the account. */
  fenced(account: string, epoch: number): void;
  /** The database has lost commits of an account: its feeds begin again at what is stored. */
  commitsLost(account: string): void;
  /** An account's definition for Clouddriver was to be written or removed. */
  definitionStored(account: string, outcome: DefinitionOutcome): void;
  /** Clouddriver is not told of an account. */
  definitionFailed(account: string, reason: string): void;
  /** Clouddriver's caching agents may run beside this bridge. */
  locksFailed(reason: string): void;
  /** Clouddriver has changed an account's lock, and its own agent may have written rows. */
  locksDisturbed(account: string): void;
  /** A feed was compared with its cluster. */
  feedVerified(account: string, type: string, outcome: VerificationOutcome): void;
  /** An agent was not told what is stored of a feed, and sends everything. */
  offerFailed(account: string, type: string, error: unknown): void;
  /** A request to a cluster is answered: the audit log. */
  gatewayAnswered(entry: GatewayAudit): void;
  /** Somebody who says that it is a bridge was not let in. */
  peerRefused(peer: string, reason: string): void;
  /** Another bridge, which has an account, cannot be reached. */
  peerUnreachable(bridgeId: string, error: unknown): void;
  /** What a client has written through the gateway was to be stored at once. */
  writtenAhead(fate: AheadFate | 'unread'): void;
  /** A request to a cluster has met a fault of the bridge. */
  gatewayFailed(error: unknown): void;
  /** A question about what a cluster offers was answered, or looked after. */
  discoveryAnswered(outcome: DiscoveryOutcome): void;
  /** A read was answered from the cache, or refused. */
  cacheRead(read: { readonly verb: ReadVerb; readonly status: number }): void;
  /** Who reads a kind (`''`: any) from the cache was sent away, since a commit was not understood. */
  journalFailed(account: string, type: string, error: unknown): void;
  /** A writer has stopped for a reason that should not be. */
  writerFailed(account: string, error: unknown): void;
}
