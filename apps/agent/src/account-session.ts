/**
 * Drives one account: performs what `account-machine.ts` decides, and answers for the account on
 * the admin pages. What goes wrong here downs this account only.
 */
import type { ApiHandler } from '@fairlead/api-tunnel';
import type { ClusterClient, ClusterIdentity } from '@fairlead/cluster-client';
import { createBackoff, type Backoff, type Logger, type Random } from '@fairlead/service-kit';
import { DEFAULT_KINDS } from '@fairlead/watch-engine';
import { accountProperties, type AccountConfig } from './account-config.ts';
import {
  AccountFeeding,
  type AccountFeedingDeps,
  type FeedReport,
  type Watcher,
  type WatcherRequest,
} from './account-feeding.ts';
import {
  beginAccount,
  stepAccount,
  type AccountEffect,
  type AccountInput,
  type AccountState,
  type AccountStep,
} from './account-machine.ts';
import type { GuardedApi } from './api/guarded-api.ts';
import type { BatchScheduler } from './batch-scheduler.ts';
import type { FeedMessage, FeedOnLink } from './feed-on-link.ts';
import type { AccountMessage } from './link-session.ts';
import type { Link } from './link.ts';

/** A link and the feeds that send on it. */
export interface LinkAttachment {
  /** The link. */
  readonly link: Link;
  /** Whose batch goes next on it. */
  readonly scheduler: BatchScheduler;
  /** Its feeds by number. */
  readonly feedsById: Map<number, FeedOnLink>;
}

/** What a watcher is made from, and whose cluster it is to follow. */
export interface IdentifiedWatcherRequest extends WatcherRequest {
  /** uid of `kube-system` as the bridge was told; '' where the account may not see it. */
  readonly clusterUid: string;
}

/** What a session works with. */
export interface AccountSessionDeps extends Pick<
  AccountFeedingDeps,
  'budget' | 'clock' | 'observer' | 'objects' | 'policy' | 'resumesSinceMs'
> {
  /** Reads the credentials and makes a client. */
  readonly connect: (account: AccountConfig) => Promise<ClusterClient>;
  /** Makes the watcher of one registration. */
  readonly createWatcher: (
    account: AccountConfig,
    api: ClusterClient,
    request: IdentifiedWatcherRequest,
  ) => Watcher;
  /** Stands before the account's API server; the client is the one of the moment. */
  readonly createGuard: (
    account: AccountConfig,
    client: () => ClusterClient | undefined,
  ) => GuardedApi;
  /** Jitter. */
  readonly random: Random;
  /** Log of this account. */
  readonly log: Logger;
  /** The state changed. */
  readonly onChange: (report: AccountReport) => void;
}

/** An account as the admin pages show it. */
export interface AccountReport {
  /** Its name. */
  readonly name: string;
  /** What it is doing. */
  readonly state: AccountState['kind'];
  /** Why, `''` when all is well. */
  readonly reason: string;
  /** Since when, Unix milliseconds. */
  readonly sinceMs: number;
  /** Who the cluster is, once it said so. */
  readonly cluster: ClusterIdentity | undefined;
  /** Epoch of the registration, 0 for none. */
  readonly epoch: number;
  /** Bytes that the bridge would still take. */
  readonly creditBytes: number;
  /** Its feeds. */
  readonly feeds: readonly FeedReport[];
}

/** A cluster that cannot be reached is asked again after 1 s, growing to a minute. */
const clusterBackoff = { baseDelayMs: 1_000, multiplier: 2, jitter: 0.3, maxDelayMs: 60_000 };

/** A rejection is for people to mend; offered again after a minute, growing to ten. */
const rejectionBackoff = { baseDelayMs: 60_000, multiplier: 2, jitter: 0.3, maxDelayMs: 600_000 };

/** Longest time that one question to a cluster may take, in milliseconds. */
const identifyTimeoutMs = 30_000;

/** One account, from `start` to `stop`. */
export class AccountSession {
  readonly #guard: GuardedApi;
  readonly #account: AccountConfig;
  readonly #deps: AccountSessionDeps;
  readonly #stopping = new AbortController();
  readonly #backoff: Readonly<Record<'cluster' | 'rejection', Backoff>>;
  #state: AccountState = { kind: 'identifying', hasLink: false, attempt: 0, reason: '' };
  #sinceMs: number;
  #client: ClusterClient | undefined;
  #attachment: LinkAttachment | undefined;
  #feeding: AccountFeeding | undefined;
  #retry = new AbortController();

  constructor(account: AccountConfig, deps: AccountSessionDeps) {
    this.#account = account;
    this.#deps = deps;
    this.#sinceMs = deps.clock.nowMs();
    this.#guard = deps.createGuard(account, () => this.#client);
    this.#backoff = {
      cluster: createBackoff(deps.random, clusterBackoff),
      rejection: createBackoff(deps.random, rejectionBackoff),
    };
  }

  /** Begins; with the link, if there is one. */
  start(attachment: LinkAttachment | undefined): void {
    this.#attachment = attachment;
    this.#apply(beginAccount(attachment !== undefined));
  }

  /** A link is open. */
  linkUp(attachment: LinkAttachment): void {
    this.#attachment = attachment;
    this.#input({ kind: 'linkUp' });
  }

  /** The link is lost. */
  linkDown(): void {
    this.#attachment = undefined;
    this.#input({ kind: 'linkDown' });
  }

  /** The bridge's word about this account. */
  receive(message: Exclude<AccountMessage, FeedMessage>): void {
    switch (message.$case) {
      case 'accountAccepted': {
        this.#input({ kind: 'accepted', answer: message.value });
        return;
      }
      case 'accountStandby': {
        this.#input({ kind: 'standby', reason: message.value.reason });
        return;
      }
      case 'accountRejected': {
        this.#input({ kind: 'rejected', reason: message.value.reason });
        return;
      }
      case 'accountRevoked': {
        const { epoch, reason } = message.value;
        this.#input({ kind: 'revoked', epoch, reason });
        return;
      }
      case 'credit':
        return this.#feeding?.grant(message.value.bytes, message.value.epoch);
    }
  }

  /** Stops its feeds and takes it back from the bridge, which is told `reason`. */
  stop(reason: string): void {
    this.#stopping.abort();
    this.#input({ kind: 'stop', reason });
    this.#client?.close();
  }

  /**
   * Answers requests to its API server, whoever feeds the account; undefined before the cluster was
   * reached for the first time, and when the session has stopped. What is under way ends with `stop`.
   */
  get api(): ApiHandler | undefined {
    return this.#client === undefined || this.#stopping.signal.aborted
      ? undefined
      : this.#guard.handle;
  }

  /** Takes over what the gateway may do from now on; requests that may no longer run are ended. */
  reconfigure(operations: AccountConfig['operations']): void {
    this.#guard.reconfigure(operations);
  }

  /** Before the agent stops: reads no more and waits until all is acknowledged, or `signal`. */
  async settle(signal: AbortSignal): Promise<void> {
    await this.#feeding?.settle(signal);
  }

  /** How it is. */
  report(): AccountReport {
    const state = this.#state;
    return {
      name: this.#account.name,
      state: state.kind,
      reason: reasonIn(state),
      sinceMs: this.#sinceMs,
      cluster: 'identity' in state ? state.identity : undefined,
      epoch: state.kind === 'feeding' ? state.epoch : 0,
      creditBytes: this.#feeding?.creditBytes ?? 0,
      feeds: this.#feeding?.feeds() ?? [],
    };
  }

  #input(input: AccountInput): void {
    this.#apply(stepAccount(this.#state, input));
  }

  /** The one place where the state changes. */
  #apply({ state, effects }: AccountStep): void {
    const before = this.#state;
    this.#state = state;
    if (before.kind !== state.kind) this.#sinceMs = this.#deps.clock.nowMs();
    for (const effect of effects) this.#perform(effect);
    const report = this.report();
    this.#deps.onChange(report);
    if (before.kind === state.kind && reasonIn(before) === report.reason) return;
    const fields = { from: before.kind, to: report.state, reason: report.reason };
    if (isTrouble(report.state, report.reason)) this.#deps.log.warn(fields, 'account has trouble');
    else this.#deps.log.info(fields, 'account changed');
  }

  #perform(effect: AccountEffect): void {
    switch (effect.kind) {
      case 'identify':
        return void this.#identify();
      case 'retryLater':
        return void this.#retryLater(effect);
      case 'cancelRetry': {
        this.#retry.abort();
        return;
      }
      case 'register': {
        this.#register(effect.identity);
        return;
      }
      case 'unregister': {
        const value = { name: this.#account.name, reason: effect.reason };
        this.#attachment?.link.send({ $case: 'unregisterAccount', value });
        return;
      }
      case 'startFeeding': {
        this.#startFeeding(effect);
        return;
      }
      case 'stopFeeding':
        this.#feeding?.close();
        this.#feeding = undefined;
    }
  }

  /** Each time with a new client, so that a mended kubeconfig is read as it is now. */
  async #identify(): Promise<void> {
    const timeout = AbortSignal.timeout(identifyTimeoutMs);
    const signal = AbortSignal.any([this.#stopping.signal, timeout]);
    let client: ClusterClient | undefined;
    try {
      client = await this.#deps.connect(this.#account);
      const identity = await client.identify(signal);
      // Accepted or stopped meanwhile: the running feeds keep the client that they have.
      if (this.#feeding !== undefined || this.#stopping.signal.aborted) {
        client.close();
        return;
      }
      this.#client?.close();
      this.#client = client;
      this.#input({ kind: 'identified', identity });
    } catch (error: unknown) {
      client?.close();
      this.#input({ kind: 'identifyFailed', reason: reasonOf(error) });
    }
  }

  async #retryLater({ pace, attempt }: AccountEffect & { kind: 'retryLater' }): Promise<void> {
    this.#retry.abort();
    const retry = new AbortController();
    this.#retry = retry;
    if (attempt <= 1) this.#backoff[pace].reset();
    const signal = AbortSignal.any([this.#stopping.signal, retry.signal]);
    try {
      await this.#deps.clock.sleep(this.#backoff[pace].nextDelayMs(), signal);
    } catch {
      return; // Cancelled, or the account stops.
    }
    this.#input({ kind: 'retryDue' });
  }

  #register(identity: ClusterIdentity): void {
    const { name, kinds } = this.#account;
    // Declared in full, so that nobody has to know what an empty list stands for.
    const declaredKinds = kinds.length === 0 ? DEFAULT_KINDS : kinds;
    const properties = Buffer.from(JSON.stringify(accountProperties(this.#account)));
    const { server, certificateFingerprint, version, uid } = identity;
    const cluster = { server, certificateFingerprint, version, uid };
    const value = { name, cluster, kinds: [...declaredKinds], properties };
    this.#attachment?.link.send({ $case: 'registerAccount', value });
  }

  #startFeeding({ answer, identity }: AccountEffect & { kind: 'startFeeding' }): void {
    const client = this.#client;
    if (this.#attachment === undefined || client === undefined) return;
    const { budget, clock, observer, createWatcher, objects, policy, resumesSinceMs } = this.#deps;
    const deps = {
      ...this.#attachment,
      budget,
      clock,
      observer,
      objects,
      policy,
      resumesSinceMs,
      createWatcher: (request: WatcherRequest) =>
        createWatcher(this.#account, client, { ...request, clusterUid: identity.uid }),
      onFailure: (error: unknown) => {
        if (this.#feeding?.epoch === answer.epoch) this.#watchFailed(error);
      },
    };
    try {
      this.#feeding = new AccountFeeding(this.#account, answer, deps);
    } catch (error: unknown) {
      this.#watchFailed(error);
    }
  }

  #watchFailed(error: unknown): void {
    this.#deps.log.error({ err: error }, 'the watcher failed');
    this.#input({ kind: 'watchFailed', reason: reasonOf(error) });
  }
}

function reasonIn(state: AccountState): string {
  return 'reason' in state ? state.reason : '';
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
/** States that a person should look at. */
export function isTrouble(state: AccountState['kind'], reason: string): boolean {
  return state === 'rejected' || (state === 'identifying' && reason !== '');
}
