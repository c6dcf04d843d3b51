/**
 * Where links, accounts and writers meet: carries the registry's decisions out to agents and
 * writers, and what agents and writers report back to the registry. Start here to follow a batch.
 */
import {
  type AccountOffer,
  type AccountRegistry,
  type RegistryListener,
  type RejectionDetail,
  type RevocationDetail,
} from '@fairlead/account-registry';
import { type ApiHandler } from '@fairlead/api-tunnel';
import { ProtocolError, RejectionCode, type RegisterAccount } from '@fairlead/protocol';
import { type SqlCache, type StoredFeed } from '@fairlead/sql-cache';
import { checkRegistration } from './account-offer.ts';
import { AccountQuarantine } from './account-quarantine.ts';
import { maxLettersPerAccount, type KnownLetter } from './account-dead-letters.ts';
import { type OpenedFeed } from './account-feeds.ts';
import { type AuditedAccount } from './anti-entropy.ts';
import { AccountWriter, type AccountWriterOutlet } from './account-writer.ts';
import { type BridgeEvents } from './bridge-events.ts';
import { type ClouddriverPresence } from './clouddriver-presence.ts';
import { type CreditLedger } from './credit-ledger.ts';
import { type ClusterJournals } from './gateway/cluster-journals.ts';
import { type LinkViolation } from './link-limits.ts';
import { type LinkHost, type LinkSession, type SessionClock } from './link-session.ts';
import { type Tunnels } from './gateway/tunnels.ts';
import { offerKnownRows, offerNothing, type OfferRequest } from './offer-known-rows.ts';
import { type Permits } from './permits.ts';

/** What the desk works with. */
export interface AccountDeskDeps {
  /** Name of this bridge process. */
  readonly bridgeId: string;
  /** The database. */
  readonly cache: Pick<
    SqlCache,
    | 'commit'
    | 'commitBehind'
    | 'expectRows'
    | 'listIds'
    | 'listBodies'
    | 'versionsOf'
    | 'countAgentRows'
    | 'feeds'
    | 'deadLetters'
  >;
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

interface Grant {
  readonly session: LinkSession;
  readonly epoch: number;
  /** Set once the checkpoints are read. */
  writer: AccountWriter | undefined;
}

/** What stands in the database of an account. */
interface StoredState {
  readonly stored: readonly StoredFeed[];
  readonly deadLetters: readonly KnownLetter[];
}

/** Pause before the checkpoints of an account are read again, ms. */
const feedsRetryMs = 1000;

/** Accounts of all links. */
export class AccountDesk implements LinkHost, RegistryListener {
  readonly #deps: AccountDeskDeps;
  readonly #sessions = new Map<string, LinkSession>();
  readonly #rejections = new Map<LinkSession, Map<string, Rejection>>();
  readonly #grants = new Map<string, Grant>();
  readonly #closed = new AbortController();
  readonly #quarantine: AccountQuarantine;
  #registry: AccountRegistry | undefined;

  constructor(deps: AccountDeskDeps) {
    this.#deps = deps;
    this.#quarantine = new AccountQuarantine(deps);
  }

  /** Decisions are asked of this registry; it must be loaded before the first link. */
  serve(registry: AccountRegistry): void {
    this.#registry = registry;
  }

  get bridgeId(): string {
    return this.#deps.bridgeId;
  }

  /** Links whose agent has said who it is. */
  sessions(): readonly LinkSession[] {
    return [...this.#sessions.values()];
  }

  /** Accounts of a link that were rejected without asking anybody. */
  rejections(session: LinkSession): ReadonlyMap<string, Rejection> {
    return this.#rejections.get(session) ?? new Map();
  }

  /** The writer of an account that is fed. */
  writer(account: string): AccountWriter | undefined {
    return this.#grants.get(account)?.writer;
  }

  /**
   * The way to an account's cluster: through the agent that feeds it, else through one that stands
   * by. `undefined` if no agent of this bridge offers it.
   */
  liveApi(account: string): ApiHandler | undefined {
    const waiting = this.#registry?.view(account)?.waiting ?? [];
    const standby = waiting.find(({ role }) => role === 'standby')?.linkId ?? '';
    const session = this.#grants.get(account)?.session ?? this.#sessions.get(standby);
    return session && this.#deps.tunnels.handlerOf(session, account);
  }

  opened(session: LinkSession): void {
    this.#sessions.set(session.linkId, session);
    this.#deps.tunnels.opened(session);
    this.#deps.events.linkOpened(session);
  }

  violated(_session: LinkSession, violation: LinkViolation): void {
    this.#deps.events.connectionRefused('agents', violation);
  }

  closed(session: LinkSession, reason: string): void {
    const isOpen = this.#sessions.delete(session.linkId);
    this.#rejections.delete(session);
    this.#quarantine.forgetLink(session.linkId);
    this.#deps.tunnels.closed(session, reason);
    if (isOpen) this.#registry?.linkLost(session.linkId, reason);
    this.#deps.events.linkClosed(session, reason);
  }

  register(session: LinkSession, account: RegisterAccount): void {
    const { name } = account;
    const { linkId, agentId, instanceId, identity } = session;
    this.#rejections.get(session)?.delete(name);
    this.#quarantine.forget(linkId, name);
    const checked = checkRegistration(account, { linkId, agentId, instanceId, identity });
    if (checked.kind === 'offer') {
      this.#registry?.offer(name, checked.offer);
      return;
    }
    const { code, reason } = checked;
    const rejections = this.#rejections.get(session) ?? new Map<string, Rejection>();
    this.#rejections.set(session, rejections.set(name, { code, reason }));
    session.send({ $case: 'accountRejected', value: { name, code, reason } });
    this.#deps.events.accountRejected(name, session.agentId, reason);
  }

  unregister(session: LinkSession, name: string, reason: string): void {
    this.#rejections.get(session)?.delete(name);
    this.#quarantine.forget(session.linkId, name);
    const why = reason === '' ? 'withdrawn by its agent' : `withdrawn by its agent: ${reason}`;
    this.#registry?.withdraw(name, session.linkId, why);
  }

  hasStandIn({ linkId }: LinkSession): boolean {
    const fed = this.#registry?.views().filter((view) => view.linkId === linkId) ?? [];
    return fed.some(({ waiting }) => waiting.some(({ role }) => role === 'standby'));
  }

  writerOf(session: LinkSession, account: string, epoch: number): AccountWriter | undefined {
    const grant = this.#grants.get(account);
    return grant?.session === session && grant.epoch === epoch ? grant.writer : undefined;
  }

  charge(account: string, bytes: number): boolean {
    return this.#deps.credits.charge(account, bytes);
  }

  accepted(name: string, offer: AccountOffer, epoch: number): void {
    const session = this.#sessions.get(offer.linkId);
    // The loss of the link is the registry's next input then.
    if (session === undefined) return;
    const grant: Grant = { session, epoch, writer: undefined };
    this.#grants.set(name, grant);
    void this.#openAccount(name, offer, grant);
    const { properties, kinds } = offer;
    this.#deps.presence.fed({ name, epoch, properties, kinds });
  }

  standby(name: string, { linkId }: AccountOffer, reason: string): void {
    this.#sessions.get(linkId)?.send({ $case: 'accountStandby', value: { name, reason } });
    this.#deps.events.accountStandby(name, linkId, reason);
  }

  rejected(name: string, { linkId, agentId }: AccountOffer, { reason }: RejectionDetail): void {
    const code = RejectionCode.OTHER_CLUSTER;
    this.#sessions.get(linkId)?.send({ $case: 'accountRejected', value: { name, code, reason } });
    this.#deps.events.accountRejected(name, agentId, reason);
  }

  revoked(name: string, { linkId }: AccountOffer, { epoch, reason }: RevocationDetail): void {
    const grant = this.#grants.get(name);
    if (grant?.epoch === epoch) {
      grant.writer?.stop();
      this.#grants.delete(name);
      this.#deps.journals?.close(name);
      this.#deps.credits.close(name);
      grant.session.closeAccount(name);
      this.#deps.presence.left(name, epoch);
    }
    this.#sessions.get(linkId)?.send({ $case: 'accountRevoked', value: { name, epoch, reason } });
    this.#deps.events.accountRevoked(name, epoch, reason);
  }

  moved(name: string, from: string, to: string): void {
    this.#deps.events.accountMoved(name, from, to);
  }

  storeFailed(name: string, error: unknown, retryInMs: number): void {
    this.#deps.events.storeFailed(name, error, retryInMs);
  }

  /** Accounts that are fed by agents that can be asked what their clusters hold. */
  audited(): readonly AuditedAccount[] {
    return [...this.#grants].flatMap(([name, { session, writer }]) =>
      writer === undefined || !session.hasAntiEntropy
        ? []
        : [{ name, writer, send: session.send.bind(session) }],
    );
  }

  /** Resolves when all that has arrived is in the database. */
  async idle(): Promise<void> {
    const writers = [...this.#grants.values()].flatMap(({ writer }) => writer ?? []);
    await Promise.all(writers.map((writer) => writer.idle()));
  }

  /** Stops every writer; nothing is acknowledged any more. */
  close(): void {
    this.#closed.abort();
    for (const { writer } of this.#grants.values()) writer?.stop();
    this.#deps.journals?.closeAll();
  }

  async #openAccount(name: string, offer: AccountOffer, grant: Grant): Promise<void> {
    const before = await this.#readState(name, grant);
    if (before === undefined || this.#grants.get(name) !== grant) return;
    const { stored, deadLetters } = before;
    const { session, epoch } = grant;
    const { cache, permits, clock, events, journals } = this.#deps;
    const { cacheAllApplicationRelationships: all } = offer.properties;
    const open = (): readonly OpenedFeed[] => grant.writer?.feeds() ?? [];
    const journal = journals?.open(name, { stored, open });
    grant.writer = new AccountWriter(
      {
        ...{ cache, permits, clock, outlet: this.#outletOf(name, offer, grant) },
        ...(journal && { journal }),
      },
      {
        account: name,
        epoch,
        stored,
        deadLetters,
        context: { account: name, cacheAllApplicationRelationships: all === true },
      },
    );
    const creditBytes = this.#deps.credits.open(name);
    session.send({
      $case: 'accountAccepted',
      value: { name, epoch, kinds: [], checkpoints: [...stored], creditBytes },
    });
    events.accountAccepted(name, session.agentId, epoch);
  }

  /** What the epoch before has left: nobody changes it any more. */
  async #readState(name: string, grant: Grant): Promise<StoredState | undefined> {
    const { cache, clock, events } = this.#deps;
    const { signal } = this.#closed;
    while (this.#grants.get(name) === grant && !signal.aborted) {
      try {
        const deadLetters = cache.deadLetters.list({ account: name, limit: maxLettersPerAccount });
        const [stored, letters] = await Promise.all([cache.feeds(name), deadLetters]);
        return { stored, deadLetters: letters };
      } catch (error: unknown) {
        events.storeFailed(name, error, feedsRetryMs);
      }
      // Rejects only at the end of the process, which the loop's condition sees.
      await clock.sleep(feedsRetryMs, signal).catch(() => undefined);
    }
    return undefined;
  }

  /** Tells an agent what it need not send; without an answer it sends everything. */
  async #offer(name: string, feed: OpenedFeed, request: OfferRequest): Promise<void> {
    if (feed.shadowedBy !== undefined) {
      offerNothing(request);
      return;
    }
    const { cache, permits, events } = this.#deps;
    try {
      await offerKnownRows(request, { cache, permits });
    } catch (error: unknown) {
      events.offerFailed(name, feed.intake.type, error);
    }
  }

  /** The account alone leaves the link, and is offered anew after a while; another agent may come first. */
  #setApart(name: string, offer: AccountOffer, error: unknown): void {
    const { linkId } = offer;
    const why =
      error instanceof ProtocolError
        ? `a batch is none (${error.code}: ${error.message})`
        : 'the bridge has failed; see its log';
    const release = (): void => this.#registry?.offer(name, offer);
    const pauseMs = this.#quarantine.add(linkId, name, release);
    const reason = `set apart for ${pauseMs / 1000} s: ${why}`;
    this.#registry?.withdraw(name, linkId, reason);
  }

  #outletOf(name: string, offer: AccountOffer, { session, epoch }: Grant): AccountWriterOutlet {
    const { events, credits } = this.#deps;
    return {
      acknowledged: (batches) => {
        for (const [feedId, batchSeq] of batches) {
          session.send({ $case: 'ack', value: { feedId, batchSeq } });
        }
      },
      settled: (heldBytes) => {
        const bytes = credits.settle(name, heldBytes);
        if (bytes > 0) session.send({ $case: 'credit', value: { account: name, bytes, epoch } });
      },
      committed: (unit) => events.unitCommitted(name, unit),
      asked: (feed, snapshot) => {
        const send = session.send.bind(session);
        void this.#offer(name, feed, { intake: feed.intake, snapshot, epoch, send });
      },
      putAside: (letter, fate) => events.putAside(letter, fate),
      databaseRefuses: (reason) => events.databaseRefuses(name, reason),
      fenced: () => {
        events.fenced(name, epoch);
        this.#registry?.fenced(name, epoch);
      },
      commitsLost: () => {
        events.commitsLost(name);
        // Under another epoch its agent begins again at the checkpoints that are stored.
        this.#registry?.withdraw(name, offer.linkId, 'the database has lost commits');
        this.#registry?.offer(name, offer);
      },
      failed: (error) => {
        events.writerFailed(name, error);
        this.#setApart(name, offer, error);
      },
    };
  }
}
