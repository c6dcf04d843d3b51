/**
 * Where links, accounts and writers meet: carries the registry's decisions out to agents and
 * writers, and what agents and writers report back to the registry. Start here to follow a batch.
 */
import { type AccountOffer, type AccountRegistry, type RegistryListener, type RejectionDetail, type RevocationDetail } from '@fairlead/account-registry';
import { type ApiHandler } from '@fairlead/api-tunnel';
import { RejectionCode, type RegisterAccount } from '@fairlead/protocol';
import { type SqlCache } from '@fairlead/sql-cache';
import { type AuditedAccount } from './anti-entropy.ts';
import { AccountWriter } from './account-writer.ts';
import { type BridgeEvents } from './bridge-events.ts';
import { type ClouddriverPresence } from './clouddriver-presence.ts';
import { type CreditLedger } from './credit-ledger.ts';
import { type ClusterJournals } from './gateway/cluster-journals.ts';
import { type LinkViolation } from './link-limits.ts';
import { type LinkHost, type LinkSession, type SessionClock } from './link-session.ts';
import { type Tunnels } from './gateway/tunnels.ts';
import { type Permits } from './permits.ts';
/** What the desk works with. */
export interface AccountDeskDeps {
    /** Name of this bridge process. */
    readonly bridgeId: string;
    /** The database. */
    readonly cache: Pick<SqlCache, 'commit' | 'listIds' | 'listBodies' | 'versionsOf' | 'feeds' | 'deadLetters'>;
    /** How many accounts commit at once. */
    readonly permits: Permits;
    /** What agents may send. */
    readonly credits: CreditLedger;
    /** Clouddriver's side of accounts that are fed. */
    readonly presence: Pick<ClouddriverPresence, 'fed' | 'left'>;
    /** How long an account may be without an agent. */
    readonly gracePeriodMs: number;
    /** Time. */
    readonly clock: SessionClock;
    /** Logs and metrics. */
    readonly events: BridgeEvents;
    /** What is remembered of commits for those who read from the cache. @defaultValue nothing */
    readonly journals?: Pick<ClusterJournals, 'open' | 'close' | 'closeAll'>;
    /** Ways of requests to the agents. */
    readonly tunnels: Pick<Tunnels, 'opened' | 'closed' | 'handlerOf'>;
}
/** Why an account of a link is rejected before the registry sees it. */
export interface Rejection {
    /** For programs. */
    readonly code: RejectionCode;
    /** For people. */
    readonly reason: string;
}
/** Accounts of all links. */
export declare class AccountDesk implements LinkHost, RegistryListener {
    #private;
    constructor(deps: AccountDeskDeps);
    /** Decisions are asked of this registry; it must be loaded before the first link. */
    serve(registry: AccountRegistry): void;
    get bridgeId(): string;
    /** Links whose agent has said who it is. */
    sessions(): readonly LinkSession[];
    /** Accounts of a link that were rejected without asking anybody. */
    rejections(session: LinkSession): ReadonlyMap<string, Rejection>;
    /** The writer of an account that is fed. */
    writer(account: string): AccountWriter | undefined;
    /**
     * The way to an account's cluster: through the agent that feeds it, else through one that stands
     * by. `undefined` if no agent of this bridge offers it.
     */
    liveApi(account: string): ApiHandler | undefined;
    opened(session: LinkSession): void;
    violated(_session: LinkSession, violation: LinkViolation): void;
    closed(session: LinkSession, reason: string): void;
    register(session: LinkSession, account: RegisterAccount): void;
    unregister(session: LinkSession, name: string, reason: string): void;
    hasStandIn({ linkId }: LinkSession): boolean;
    writerOf(session: LinkSession, account: string, epoch: number): AccountWriter | undefined;
    charge(account: string, bytes: number): boolean;
    accepted(name: string, offer: AccountOffer, epoch: number): void;
    standby(name: string, { linkId }: AccountOffer, reason: string): void;
    rejected(name: string, { linkId, agentId }: AccountOffer, { reason }: RejectionDetail): void;
    revoked(name: string, { linkId }: AccountOffer, { epoch, reason }: RevocationDetail): void;
    moved(name: string, from: string, to: string): void;
    storeFailed(name: string, error: unknown, retryInMs: number): void;
    /** Accounts that are fed by agents that can be asked what their clusters hold. */
    audited(): readonly AuditedAccount[];
    /** Resolves when all that has arrived is in the database. */
    idle(): Promise<void>;
    /** Stops every writer; nothing is acknowledged any more. */
    close(): void;
}
//# sourceMappingURL=account-desk.d.ts.map