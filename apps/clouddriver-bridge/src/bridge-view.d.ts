/**
 * What the API shows of accounts, feeds and agents, put together from the registry, the desk and the
 * database at the moment of the request. Field names are promises to users.
 */
import { type AccountRegistry, type AccountView } from '@fairlead/account-registry';
import { type SqlCache } from '@fairlead/sql-cache';
import { type AccountDesk } from './account-desk.ts';
import { type AccountApiState } from './account-status.ts';
import { type BridgePeers } from './bridge-peers.ts';
import { type RowCounts } from './row-counts.ts';
/** One account. */
export interface AccountResource {
    readonly name: string;
    readonly state: AccountApiState;
    /** Why it is in that state; `''` when all is well. */
    readonly reason: string;
    /** The agent that feeds it, or did last. */
    readonly agent: string;
    /** The bridge that its agent is connected to, `''` if nobody feeds it. */
    readonly bridge: string;
    readonly cluster: AccountView['facts']['cluster'];
    /** Objects stored. */
    readonly objects: number;
    /** RFC 3339; `null` if never. */
    readonly asOf: string | null;
    readonly lagMs: number | null;
    readonly kinds: readonly string[];
    readonly properties: Readonly<Record<string, unknown>>;
}
/** One bridge of those that share the database. */
export interface ReplicaResource {
    readonly name: string;
    /** Whether it is the one that answers. */
    readonly self: boolean;
    /** Whether it has counted up within the last five looks, of two seconds each. */
    readonly alive: boolean;
    /** By that bridge's clock. */
    readonly startedAt: string;
    /** By that bridge's clock. */
    readonly beatAt: string;
}
/** One feed of an account. */
export interface FeedResource {
    readonly kind: string;
    readonly group: string;
    readonly version: string;
    readonly namespace: string;
    /** A state of the feed, or `disconnected` while nobody feeds the account. */
    readonly state: string;
    readonly reason: string;
    readonly resourceVersion: string;
    /** Objects stored; `null` for a feed that is one of several of its kind. */
    readonly objects: number | null;
    readonly asOf: string | null;
    /** When its rows were last compared with the cluster; `null` if never by this bridge process. */
    readonly verifiedAt: string | null;
}
/** One agent that has a link. */
export interface AgentResource {
    readonly name: string;
    readonly instance: string;
    readonly version: string;
    readonly zone: string;
    readonly connectedAt: string;
    readonly lastHeardAt: string;
    readonly accounts: readonly AgentAccount[];
}
/** What an agent is to an account. */
export interface AgentAccount {
    readonly name: string;
    readonly role: 'active' | 'standby' | 'rejected' | 'undecided';
    /** Why, if it is not active. */
    readonly reason: string;
}
/** What the view is put together from. */
export interface BridgeViewDeps {
    readonly registry: Pick<AccountRegistry, 'views' | 'view'>;
    readonly desk: Pick<AccountDesk, 'sessions' | 'rejections' | 'writer'>;
    readonly cache: Pick<SqlCache, 'feeds' | 'countRows'>;
    readonly counts: RowCounts;
    readonly peers: Pick<BridgePeers, 'hasBeaten' | 'list'>;
    /** Name of this bridge. */
    readonly bridgeId: string;
    readonly clock: {
        nowMs(): number;
    };
}
/** The view. */
export declare class BridgeView {
    #private;
    constructor(deps: BridgeViewDeps);
    /** Names of all accounts, those that are only rejected included, sorted. */
    accountNames(): string[];
    /** One account. */
    account(name: string): Promise<AccountResource | undefined>;
    /** The feeds of an account; `undefined` if there is no such account. */
    feeds(name: string): Promise<FeedResource[] | undefined>;
    /** Bridges that share the database, by name. */
    replicas(): Promise<ReplicaResource[]>;
    /** Agents that have a link, by name. */
    agents(): AgentResource[];
    /** Up to when a stored row is known to be true, epoch milliseconds; 0 if nobody feeds it. */
    rowAsOfMs(row: {
        account: string;
        kind: string;
        namespace: string;
    }): number;
    /** States of the accounts that this bridge feeds, that nobody feeds, or that are only rejected. */
    states(): ReadonlyMap<string, AccountApiState>;
    /** Objects stored of those accounts, as far as that is known without asking the database. */
    knownObjects(): ReadonlyMap<string, number>;
    /** Feeds of each account that is fed here, counted by their condition. */
    feedStates(): ReadonlyMap<string, ReadonlyMap<string, number>>;
    /** How far each account that is fed is behind, ms. */
    lagsMs(): ReadonlyMap<string, number>;
}
//# sourceMappingURL=bridge-view.d.ts.map