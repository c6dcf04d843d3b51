/**
 * What the API shows of accounts, feeds and agents, put together from the registry, the desk and the
 * database at the moment of the request. Field names are promises to users.
 */
import { type AccountRegistry, type AccountView } from '@fairlead/account-registry';
import { RejectionCode } from '@fairlead/protocol';
import { type SqlCache, type StoredFeed } from '@fairlead/sql-cache';
import { type AccountDesk } from './account-desk.ts';
import { type OpenedFeed } from './account-feeds.ts';
import {
  accountStatus,
  nothingStored,
  type AccountApiState,
  type AccountStatus,
  type StatusFacts,
} from './account-status.ts';
import { type BridgePeers } from './bridge-peers.ts';
import { type LinkSession } from './link-session.ts';
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
  readonly clock: { nowMs(): number };
}

const unknownCluster = { server: '', certificateFingerprint: '', version: '', uid: '' };

/** The view. */
export class BridgeView {
  readonly #deps: BridgeViewDeps;

  constructor(deps: BridgeViewDeps) {
    this.#deps = deps;
  }

  /** Names of all accounts, those that are only rejected included, sorted. */
  accountNames(): string[] {
    const known = this.#deps.registry.views().map(({ name }) => name);
    return [...new Set([...known, ...this.#rejectedNames().keys()])].sort();
  }

  /** One account. */
  async account(name: string): Promise<AccountResource | undefined> {
    const view = this.#deps.registry.view(name);
    if (view === undefined) return this.#rejectedAccount(name);
    const { state, reason, asOfMs, lagMs } = await this.#status(view);
    const { agentId, cluster, kinds, properties } = view.facts;
    const { server, certificateFingerprint, version, uid } = cluster;
    return {
      name,
      state,
      reason,
      agent: agentId,
      bridge: view.state === 'feeding' ? this.#deps.bridgeId : view.bridgeId,
      cluster: { server, certificateFingerprint, version, uid },
      objects: await this.#deps.counts.total(name),
      asOf: timeOf(asOfMs),
      lagMs: lagMs ?? null,
      kinds,
      properties,
    };
  }

  /** The feeds of an account; `undefined` if there is no such account. */
  async feeds(name: string): Promise<FeedResource[] | undefined> {
    const view = this.#deps.registry.view(name);
    if (view === undefined) return this.#rejectedNames().has(name) ? [] : undefined;
    const counts = await this.#deps.cache.countRows(name);
    const objects = ({ type, namespace }: { type: string; namespace: string }) =>
      namespace === '' ? (counts.get(type) ?? 0) : null;
    const open = this.#deps.desk.writer(name)?.feeds();
    if (open !== undefined) return open.map((feed) => openFeedResource(feed, objects));
    const stored = await this.#deps.cache.feeds(name);
    return stored.map((feed) => storedFeedResource(feed, { objects, reason: view.reason }));
  }

  /** Bridges that share the database, by name. */
  async replicas(): Promise<ReplicaResource[]> {
    const bridges = await this.#deps.peers.list();
    return bridges.map(({ bridgeId, isSelf, isAlive, startedAtMs, beatAtMs }) => ({
      name: bridgeId,
      self: isSelf,
      alive: isAlive,
      startedAt: new Date(startedAtMs).toISOString(),
      beatAt: new Date(beatAtMs).toISOString(),
    }));
  }

  /** Agents that have a link, by name. */
  agents(): AgentResource[] {
    const views = this.#deps.registry.views();
    const agents = this.#deps.desk.sessions().map((session) => this.#agent(session, views));
    return agents.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Up to when a stored row is known to be true, epoch milliseconds; 0 if nobody feeds it. */
  rowAsOfMs(row: { account: string; kind: string; namespace: string }): number {
    const feeds = this.#deps.desk.writer(row.account)?.feeds() ?? [];
    const feed = feeds.find(({ intake, shadowedBy }) => {
      const { namespace } = intake.feed;
      const isOfRow = intake.type === row.kind && ['', row.namespace].includes(namespace);
      return isOfRow && shadowedBy === undefined;
    });
    return feed?.intake.committed.asOfMs ?? 0;
  }

  /** States of the accounts that this bridge feeds, that nobody feeds, or that are only rejected. */
  states(): ReadonlyMap<string, AccountApiState> {
    const states = new Map<string, AccountApiState>();
    for (const name of this.#rejectedNames().keys()) states.set(name, 'rejected');
    for (const view of this.#deps.registry.views()) {
      states.delete(view.name);
      // The bridge that feeds it counts it.
      if (view.state !== 'elsewhere') states.set(view.name, this.#statusOf(view).state);
    }
    return states;
  }

  /** Objects stored of those accounts, as far as that is known without asking the database. */
  knownObjects(): ReadonlyMap<string, number> {
    return new Map(
      [...this.states().keys()].flatMap((name) => {
        const objects = this.#deps.counts.known(name);
        return objects === undefined ? [] : [[name, objects] as const];
      }),
    );
  }

  /** Feeds of each account that is fed here, counted by their condition. */
  feedStates(): ReadonlyMap<string, ReadonlyMap<string, number>> {
    const all = new Map<string, ReadonlyMap<string, number>>();
    for (const { name } of this.#deps.registry.views()) {
      const counts = new Map<string, number>();
      for (const { condition } of this.#deps.desk.writer(name)?.feeds() ?? []) {
        counts.set(condition, (counts.get(condition) ?? 0) + 1);
      }
      all.set(name, counts);
    }
    return all;
  }

  /** How far each account that is fed is behind, ms. */
  lagsMs(): ReadonlyMap<string, number> {
    const fed = this.#deps.registry.views().filter(({ state }) => state === 'feeding');
    return new Map(
      fed.flatMap((view) => {
        const { lagMs } = this.#statusOf(view);
        return lagMs === undefined ? [] : [[view.name, lagMs] as const];
      }),
    );
  }

  async #status(view: AccountView): Promise<AccountStatus> {
    if (view.state === 'feeding') return this.#statusOf(view);
    const feeds = await this.#deps.cache.feeds(view.name);
    const times = feeds.map(({ asOfMs }) => asOfMs).filter((asOfMs) => asOfMs > 0);
    return this.#statusOf(view, {
      asOfMs: times.length === 0 ? 0 : Math.min(...times),
      isComplete: feeds.length > 0 && feeds.every((feed) => feed.resourceVersion !== ''),
      doesFeederLive: this.#deps.peers.hasBeaten(view.bridgeId),
    });
  }

  #statusOf(view: AccountView, stored: StatusFacts['stored'] = nothingStored): AccountStatus {
    const writer = this.#deps.desk.writer(view.name);
    return accountStatus({
      view,
      feeds: writer?.feeds() ?? [],
      stored,
      oldestWaitingMs: writer?.oldestWaitingMs,
      nowMs: this.#deps.clock.nowMs(),
    });
  }

  /** Names that agents offer and may not, with the agent and the reason. */
  #rejectedNames(): Map<string, { readonly agent: string; readonly reason: string }> {
    const names = new Map<string, { agent: string; reason: string }>();
    for (const session of this.#deps.desk.sessions()) {
      for (const [name, { code, reason }] of this.#deps.desk.rejections(session)) {
        // A name that is none is the agent's trouble, not an account.
        if (code === RejectionCode.NOT_ALLOWED) names.set(name, { agent: session.agentId, reason });
      }
    }
    return names;
  }

  #rejectedAccount(name: string): AccountResource | undefined {
    const rejected = this.#rejectedNames().get(name);
    if (rejected === undefined) return undefined;
    const { agent, reason } = rejected;
    return {
      name,
      state: 'rejected',
      reason,
      agent,
      bridge: '',
      cluster: unknownCluster,
      objects: 0,
      asOf: null,
      lagMs: null,
      kinds: [],
      properties: {},
    };
  }

  #agent(session: LinkSession, views: readonly AccountView[]): AgentResource {
    const { hello, linkId } = session;
    const accounts = views.flatMap((view) => roleOf(view, linkId) ?? []);
    for (const [name, { reason }] of this.#deps.desk.rejections(session)) {
      accounts.push({ name, role: 'rejected', reason });
    }
    return {
      name: session.agentId,
      instance: hello?.instanceId ?? '',
      version: hello?.agentVersion ?? '',
      zone: hello?.zone ?? '',
      connectedAt: new Date(session.connectedAtMs).toISOString(),
      lastHeardAt: new Date(session.lastHeardMs).toISOString(),
      accounts: accounts.sort((a, b) => (a.name < b.name ? -1 : 1)),
    };
  }
}

function roleOf(view: AccountView, linkId: string): AgentAccount | undefined {
  const { name } = view;
  if (view.linkId === linkId) {
    return { name, role: view.state === 'feeding' ? 'active' : 'undecided', reason: '' };
  }
  const waiting = view.waiting.find((each) => each.linkId === linkId);
  if (waiting === undefined) return undefined;
  const reason =
    waiting.role === 'rejected'
      ? `the name belongs to another cluster (${view.facts.cluster.server})`
      : view.reason || `agent ${view.facts.agentId} feeds it`;
  return { name, role: waiting.role, reason };
}

type CountObjects = (feed: { type: string; namespace: string }) => number | null;

function openFeedResource(opened: OpenedFeed, objects: CountObjects): FeedResource {
  const { intake, condition, reason, shadowedBy } = opened;
  const { group, version, namespace } = intake.feed;
  const { resourceVersion, asOfMs } = intake.committed;
  return {
    kind: intake.type,
    group,
    version,
    namespace,
    state: condition,
    reason,
    resourceVersion,
    objects: shadowedBy === undefined ? objects({ type: intake.type, namespace }) : 0,
    asOf: timeOf(asOfMs),
    verifiedAt: timeOf(intake.verifiedAtMs),
  };
}

function storedFeedResource(
  feed: StoredFeed,
  facts: { readonly objects: CountObjects; readonly reason: string },
): FeedResource {
  const { type, group, version, namespace, resourceVersion, asOfMs } = feed;
  return {
    kind: type,
    group,
    version,
    namespace,
    state: 'disconnected',
    reason: facts.reason,
    resourceVersion,
    objects: facts.objects({ type, namespace }),
    asOf: timeOf(asOfMs),
    verifiedAt: null,
  };
}

function timeOf(ms: number): string | null {
  return ms === 0 ? null : new Date(ms).toISOString();
}
