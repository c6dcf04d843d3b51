/**
 * The agent: one link, many accounts, and the configuration that may change while it runs.
 * `main.ts` hands in the real world; tests hand in another.
 */
import { setMaxListeners } from 'node:events';
import type { ApiHandler, TunnelClock } from '@fairlead/api-tunnel';
import type { ClusterClient } from '@fairlead/cluster-client';
import {
  createBackoff,
  formatConfigProblem,
  type Clock,
  type ConfigProblem,
  type HealthRegistry,
  type Logger,
  type Random,
} from '@fairlead/service-kit';
import {
  codecToWire,
  createBatchCompressor,
  supportedCodecs,
  type Codec,
} from '@fairlead/protocol';
import { ListPermits } from '@fairlead/watch-engine';
import type { AccountConfig } from './account-config.ts';
import {
  AccountSession,
  isTrouble,
  type AccountReport,
  type AccountSessionDeps,
} from './account-session.ts';
import { Accounts, type AccountSource } from './accounts.ts';
import { createAccountGuard } from './api/create-account-guard.ts';
import type { AgentMetrics } from './agent-metrics.ts';
import { BatchScheduler } from './batch-scheduler.ts';
import { ByteBudget } from './byte-budget.ts';
import type { AgentConfig } from './config.ts';
import { policyFingerprint } from './policy-fingerprint.ts';
import { LinkClient, type DialledLink } from './link-client.ts';
import { createAccountWatcher, type WatchingDeps } from './watching.ts';

/** What an agent is made of. */
export interface AgentDeps {
  /** The configuration at the start. */
  readonly config: AgentConfig;
  /** This process, new at each start. */
  readonly instanceId: string;
  /** The program's version. */
  readonly version: string;
  /** Opens a stream to the bridge that `config` names. */
  readonly dial: (config: AgentConfig['clouddriver']) => Promise<DialledLink>;
  /** A client for an account's cluster. */
  readonly connect: (account: AccountConfig) => Promise<ClusterClient>;
  /** An account with the digest of the files it names. */
  readonly sourcesOf: (accounts: readonly AccountConfig[]) => Promise<readonly AccountSource[]>;
  /** Time. */
  readonly clock: Clock;
  /** Limits of requests. */
  readonly timers: TunnelClock;
  /** Many requests of clients come at a time; called often. */
  readonly onCrowd: () => void;
  /** Jitter. */
  readonly random: Random;
  /** Log. */
  readonly log: Logger;
  /** Health. */
  readonly health: HealthRegistry;
  /** Metrics. */
  readonly metrics: AgentMetrics;
}

/** State of the link as the admin pages show it. */
export interface LinkReport {
  /** Whether it is open. */
  readonly up: boolean;
  /** The bridge at its other end, `''` without one. */
  readonly bridge: string;
  /** Why it is not open. */
  readonly reason: string;
}

/** How long `stop` waits for acknowledgements, in milliseconds; well below the stop bound. */
const settleTimeoutMs = 8_000;

/** How long `stop` waits for requests of the bridge to be answered, in milliseconds, and how often it looks. */
const requestsTimeoutMs = 3_000;
const requestsLookMs = 50;

/** A running agent. */
export class Agent {
  readonly #deps: AgentDeps;
  readonly #accounts: Accounts;
  readonly #budget: ByteBudget;
  readonly #link: LinkClient;
  readonly #stopping = new AbortController();
  #config: AgentConfig;
  /** Since when the policy of what may leave is in force, if it changed while the agent ran. */
  #policySinceMs = 0;
  #linkReport: LinkReport = { up: false, bridge: '', reason: 'not connected yet' };
  #running: Promise<void> = Promise.resolve();

  constructor(deps: AgentDeps) {
    this.#deps = deps;
    this.#config = deps.config;
    this.#budget = new ByteBudget(budgetLimits(deps.config));
    const { clock, metrics } = deps;
    const sent = metrics.batchPartSent.bind(metrics);
    this.#accounts = new Accounts(this.#sessionFactory(), (link) => {
      const compressor = createBatchCompressor(link.terms.codec);
      return new BatchScheduler({ link, clock, compressor, sent });
    });
    this.#link = this.#createLink();
    deps.metrics.observe({
      reports: () => this.reports(),
      budget: this.#budget,
      tunnels: () => this.#link.tunnels(),
    });
  }

  /** Starts the accounts and keeps the link from now on. */
  async start(): Promise<void> {
    this.#reportLink({ up: false, bridge: '', reason: 'not connected yet' });
    this.#deps.metrics.configValid.set(1);
    this.#warnOfInsecureModes();
    await this.refreshAccounts();
    this.#running = this.#link.run(this.#stopping.signal);
  }

  /** Takes over a new configuration: only what changed is touched. */
  async reconfigure(config: AgentConfig, warnings: readonly ConfigProblem[]): Promise<void> {
    const { clock, log, health, metrics } = this.#deps;
    const before = this.#config;
    this.#config = config;
    metrics.configReloads.inc({ result: 'applied' });
    metrics.configValid.set(1);
    health.set('configuration', { impact: 'notice', isHealthy: true, reason: '' });
    for (const warning of warnings) log.warn({ problem: formatConfigProblem(warning) }, 'config');
    log.level = config.logging.level;
    for (const section of ['agent', 'tasks', 'server', 'prometheus', 'secrets'] as const) {
      if (isSame(before[section], config[section])) continue;
      log.warn({ section }, 'this part of the configuration takes effect after a restart');
    }
    // What was stored under the old policy may hold what the new one cuts: all is listed anew.
    if (!isSame(before.scrubbing, config.scrubbing)) this.#policySinceMs = clock.nowMs();
    await this.refreshAccounts();
    if (isSame(before.clouddriver, config.clouddriver)) return;
    this.#warnOfInsecureModes();
    this.#link.reconnect('the configuration of the link has changed');
  }

  /** The new files are wrong: nothing changes, but it is said everywhere. */
  rejectConfiguration(problems: readonly ConfigProblem[]): void {
    const { log, health, metrics } = this.#deps;
    metrics.configReloads.inc({ result: 'rejected' });
    metrics.configValid.set(0);
    const lines = problems.filter(({ severity }) => severity === 'error').map(formatConfigProblem);
    for (const problem of lines) log.error({ problem }, 'configuration not taken over');
    const reason = `the configuration files have errors, the one before is in force: ${lines.join('; ')}`;
    health.set('configuration', { impact: 'notice', isHealthy: false, reason });
  }

  /** Looks at the accounts and their files anew. */
  async refreshAccounts(): Promise<void> {
    const { log, health } = this.#deps;
    const { accounts } = this.#config.kubernetes;
    const sources = await this.#deps.sourcesOf(accounts);
    this.#budget.configure(budgetLimits(this.#config), accounts.length);
    const { started, stopped } = this.#accounts.reconcile(sources, this.#config.scrubbing);
    const names = new Set(accounts.map((account) => account.name));
    for (const name of stopped) if (!names.has(name)) health.remove(`account ${name}`);
    if (started.length + stopped.length > 0) log.info({ started, stopped }, 'accounts changed');
    if (accounts.length === 0) log.warn('no accounts are configured');
  }

  /** Reads no more, waits for acknowledgements, says goodbye and stops. */
  async stop(): Promise<void> {
    const timeout = AbortSignal.timeout(settleTimeoutMs);
    // Every account listens to it.
    setMaxListeners(0, timeout);
    await this.#accounts.settle(this.#linkReport.up ? timeout : AbortSignal.abort());
    await this.#finishRequests();
    await this.#link.leave('the agent stops');
    this.#stopping.abort();
    await this.#running;
    this.#accounts.stop();
  }

  /** Requests that are being answered may end; watches and connections do not, and are not waited for. */
  async #finishRequests(): Promise<void> {
    const { clock } = this.#deps;
    const untilMs = clock.nowMs() + requestsTimeoutMs;
    const { signal } = new AbortController();
    while (this.#link.tunnels().busy > 0 && clock.nowMs() < untilMs) {
      await clock.sleep(requestsLookMs, signal);
    }
  }

  /** The accounts as they are now. */
  reports(): AccountReport[] {
    return this.#accounts.reports();
  }

  /** Answers requests to the API server of an account; undefined when it is not this agent's. */
  apiOf(account: string): ApiHandler | undefined {
    return this.#accounts.apiOf(account);
  }

  /** The link as it is now. */
  linkReport(): LinkReport {
    return this.#linkReport;
  }

  #createLink(): LinkClient {
    const { config, instanceId, version, dial, clock, timers, random, log, metrics } = this.#deps;
    const { id: agentId, zone } = config.agent;
    const { compression, backoff } = config.clouddriver;
    const { baseDelay, maxDelay, ...growth } = backoff;
    return new LinkClient({
      dial: () => dial(this.#config.clouddriver),
      hello: {
        agentId,
        instanceId,
        agentVersion: version,
        zone,
        codecs: offeredCodecs(compression),
      },
      clock,
      backoff: createBackoff(random, { baseDelayMs: baseDelay, maxDelayMs: maxDelay, ...growth }),
      listener: {
        up: (link) => {
          metrics.linkConnects.inc();
          log.info({ bridge: link.terms.bridgeId, codec: link.terms.codec }, 'link is open');
          this.#reportLink({ up: true, bridge: link.terms.bridgeId, reason: '' });
          this.#accounts.linkUp(link);
        },
        down: ({ reason, wasOpen, retryInMs }) => {
          metrics.linkFailures.inc({ phase: wasOpen ? 'open' : 'connecting' });
          log.warn({ reason, retryInMs }, wasOpen ? 'link is lost' : 'no link to the bridge');
          this.#reportLink({ up: false, bridge: '', reason });
          if (wasOpen) this.#accounts.linkDown();
        },
        message: (message) => this.#accounts.receive(message),
      },
      tunnels: {
        clock: timers,
        findHandler: (account) => this.#accounts.apiOf(account),
        onFault: (error) => log.error({ err: error }, 'a request of the bridge has failed here'),
        onCrowd: this.#deps.onCrowd,
      },
    });
  }

  #reportLink(report: LinkReport): void {
    this.#linkReport = report;
    this.#deps.metrics.linkUp.set(report.up ? 1 : 0);
    const { up: isHealthy, reason } = report;
    this.#deps.health.set('link', { impact: 'readiness', isHealthy, reason });
  }

  #sessionFactory(): (account: AccountConfig) => AccountSession {
    const { config, clock, random, log, metrics, connect } = this.#deps;
    const permits = new ListPermits({
      total: listsAtOnce(config),
      perAccount: listsPerAccount(config),
      // A part of one list per turn of the event loop: watches go before.
      breathe: () => new Promise<void>((resolve) => void setImmediate(resolve)),
    });
    const watching = { permits, counters: metrics.watchObserver(), clock, random, log };
    return (account) =>
      new AccountSession(account, {
        connect,
        clock,
        random,
        log: log.child({ account: account.name }),
        budget: this.#budget,
        observer: this.#senderObserver(account.name),
        objects: this.#config.scrubbing,
        policy: policyFingerprint(this.#config.scrubbing),
        resumesSinceMs: this.#policySinceMs,
        createWatcher: this.#watcherFactory(watching),
        createGuard: this.#guardFactory(),
        onChange: (report) => this.#reportAccount(report),
      });
  }

  /** Under the policy that is in force now; with another one every account begins anew. */
  #watcherFactory(watching: WatchingDeps): AccountSessionDeps['createWatcher'] {
    const objects = this.#config.scrubbing;
    return (account, api, request) =>
      createAccountWatcher(watching, account, { api, request, objects });
  }

  #guardFactory(): AccountSessionDeps['createGuard'] {
    const { clock, metrics } = this.#deps;
    const policy = this.#config.scrubbing;
    const nowMs = clock.nowMs.bind(clock);
    const onRefusal = metrics.apiRefused.bind(metrics);
    return (account, client) => createAccountGuard(account, { client, policy, nowMs, onRefusal });
  }

  #senderObserver(account: string): AccountSessionDeps['observer'] {
    const counters = this.#deps.metrics.senderObserver();
    return {
      ...counters,
      oversized: (feed, object) => {
        counters.oversized(feed, object);
        const fields = { account, resource: feed.resource, ...object };
        this.#deps.log.error(fields, 'object left out: larger than any batch the bridge takes');
      },
    };
  }

  #reportAccount({ name, state, reason }: AccountReport): void {
    if (state === 'stopped') return;
    const isHealthy = !isTrouble(state, reason);
    const said = isHealthy ? '' : `${state}: ${reason}`;
    this.#deps.health.set(`account ${name}`, { impact: 'notice', isHealthy, reason: said });
  }

  #warnOfInsecureModes(): void {
    const { log } = this.#deps;
    const { insecure, grpc, tls } = this.#config.clouddriver;
    if (insecure && !isLoopback(grpc)) {
      log.warn({ grpc }, 'the link is NOT ENCRYPTED: clouddriver.insecure is true');
    }
    if (!insecure && tls.insecureSkipVerify) {
      log.warn({ grpc }, 'the bridge is NOT VERIFIED: clouddriver.tls.insecureSkipVerify is true');
    }
    for (const { name, insecure: isUnverified } of this.#config.kubernetes.accounts) {
      if (isUnverified)
        log.warn({ account: name }, 'the API server is NOT VERIFIED: insecure is true');
    }
  }
}

/** Whether an address `host:port` is on this machine, where nobody listens in. */
export function isLoopback(address: string): boolean {
  const host = address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * What a list under way may hold, in bytes: its HTTP/2 window (256 KiB), a batch that fills and one
 * that is sent (512 KiB each), and as much again that V8 has not yet collected.
 */
const listBytes = 2 * 1024 * 1024;

/**
 * Lists that may be under way, of all accounts: as configured, but not more than fit the budget. One
 * thread works them off, a part of one at a time: more of them at once are not done sooner.
 */
export function listsAtOnce({ budget, tasks }: Pick<AgentConfig, 'budget' | 'tasks'>): number {
  const fitting = Math.max(1, Math.floor(budget.inFlightBytes / listBytes));
  return Math.min(unlessZero(tasks.totalBudget), fitting);
}

/** What lies here of a list that nobody reads, in bytes: its HTTP/2 window. */
const unreadBytes = 256 * 1024;

/**
 * The same for one account: not more than fit the budget if no account can hand anything on and each has
 * as many. One at least, so that no account waits for another.
 */
export function listsPerAccount({
  budget,
  kubernetes,
  tasks,
}: Pick<AgentConfig, 'budget' | 'kubernetes' | 'tasks'>): number {
  const accounts = Math.max(1, kubernetes.accounts.length);
  const fitting = Math.floor(budget.inFlightBytes / unreadBytes / accounts);
  return Math.min(unlessZero(tasks.budgetPerAccount), Math.max(1, fitting));
}

/** In the configuration 0 means that there is no limit. */
function unlessZero(limit: number): number {
  return limit === 0 ? Infinity : limit;
}

function budgetLimits({ budget }: AgentConfig): { totalBytes: number; accountBytes: number } {
  return { totalBytes: budget.inFlightBytes, accountBytes: budget.inFlightBytesPerAccount };
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What Hello offers, best first; a bridge that has none of it sends and takes batches as they are. */
function offeredCodecs(compression: AgentConfig['clouddriver']['compression']): Codec[] {
  const names = supportedCodecs().filter((name) => compression === 'auto' || name === compression);
  return names.map(codecToWire);
}
