/**
 * Makes the accounts that this bridge feeds known to Clouddriver, and keeps Clouddriver's own
 * caching agents for them from running: its account definitions and its agents' locks, both in SQL.
 */
import { cachingAgentName, unregisteredAgentName } from '@fairlead/clouddriver-model';
import { SqlCacheError, type SqlCache } from '@fairlead/sql-cache';
import { type BridgeEvents } from './bridge-events.ts';
import {
  clouddriverDefinition,
  type GatewayAddress,
  type RegisteredAccount,
} from './clouddriver-definition.ts';

/** What of it is wanted. */
export interface PresenceOptions {
  /** Where definitions lead to; `undefined`: Clouddriver gets its accounts elsewhere. */
  readonly gateway: GatewayAddress | undefined;
  /** Whether Clouddriver's agents are kept from running. */
  readonly lockAgents: boolean;
  /** Name of this bridge, for those who look at the locks. */
  readonly owner: string;
}

/** What it works with. */
export interface PresenceDeps {
  readonly cache: Pick<SqlCache, 'definitions' | 'agentLocks'>;
  readonly clock: { nowMs(): number; sleep(ms: number, signal: AbortSignal): Promise<void> };
  readonly events: Pick<
    BridgeEvents,
    'definitionStored' | 'definitionFailed' | 'locksFailed' | 'locksDisturbed'
  >;
}

/** An account that is fed. */
export interface FedAccount extends RegisteredAccount {
  readonly epoch: number;
}

/** A third of the time that a lock lasts, and more: two may fail before it is lost. */
const renewMs = 10_000;
/** After this time without a bridge, Clouddriver's agents may run again. */
const lockMs = 40_000;
/**
 * Clouddriver looks for changed definitions every 60 s by default. It then forgets the account's
 * locks, and starts what is not locked at its scheduler's next turn, one each second.
 */
const watchedMs = 90_000;
const watchMs = 200;

/** Clouddriver's side of the accounts. */
export class ClouddriverPresence {
  readonly #options: PresenceOptions;
  readonly #deps: PresenceDeps;
  readonly #fed = new Map<string, FedAccount>();
  /** Accounts whose definition could not be written yet, since there is no table for it. */
  readonly #waiting = new Set<string>();
  /** Accounts whose locks Clouddriver is about to forget, and until when. */
  readonly #watched = new Map<string, number>();
  /** Ends the pause of `keepUp` when there is something to watch. */
  #alarm = new AbortController();

  constructor(options: PresenceOptions, deps: PresenceDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  /** This bridge feeds the account from now on. */
  fed(account: FedAccount): void {
    this.#fed.set(account.name, account);
    void this.#introduce(account);
  }

  /** This bridge feeds the account no longer; Clouddriver keeps it until it is removed. */
  left(name: string, epoch: number): void {
    if (this.#fed.get(name)?.epoch !== epoch) return;
    this.#fed.delete(name);
    this.#waiting.delete(name);
  }

  /**
   * The account's grace period is over: Clouddriver is to lose it, before its rows go.
   * @throws SqlCacheError as `definitions.remove` does, but not `fenced`
   */
  async removed(name: string, epoch: number): Promise<void> {
    if (this.#options.gateway === undefined) return;
    try {
      const outcome = await this.#deps.cache.definitions.remove({ name, epoch });
      this.#deps.events.definitionStored(name, outcome);
    } catch (error: unknown) {
      // Somebody feeds it again, or its removal had begun and it was removed then.
      if (!isCode(error, 'fenced')) throw error;
    }
  }

  /**
   * Prolongs the locks, and writes what could not be written, until the signal ends it.
   * @param disturbed - told of each account whose rows Clouddriver's own agent may have written
   */
  async keepUp(signal: AbortSignal, disturbed: (account: string) => void): Promise<void> {
    const { clock } = this.#deps;
    const isStopped = () => signal.aborted;
    let renewAtMs = clock.nowMs() + renewMs;
    while (!isStopped()) {
      const pauseMs = this.#watched.size > 0 ? watchMs : renewAtMs - clock.nowMs();
      const ended = AbortSignal.any([signal, this.#alarm.signal]);
      // Rejects at an alarm, and at the end of the process, which the loop's condition sees.
      await clock.sleep(pauseMs, ended).catch(() => undefined);
      if (isStopped()) return;
      if (clock.nowMs() < renewAtMs) {
        await this.#renew(this.#stillWatched(), disturbed);
        continue;
      }
      renewAtMs = clock.nowMs() + renewMs;
      await this.#renew([...this.#fed.values()], disturbed);
      for (const name of [...this.#waiting]) {
        const account = this.#fed.get(name);
        if (account !== undefined) await this.#define(account);
      }
    }
  }

  /** The locks first: Clouddriver starts an account's agents within a second of knowing it. */
  async #introduce(account: FedAccount): Promise<void> {
    await this.#lock([account]);
    await this.#define(account);
  }

  #watch(name: string): void {
    if (!this.#options.lockAgents) return;
    this.#watched.set(name, this.#deps.clock.nowMs() + watchedMs);
    this.#alarm.abort();
    this.#alarm = new AbortController();
  }

  #stillWatched(): readonly FedAccount[] {
    const nowMs = this.#deps.clock.nowMs();
    return [...this.#watched].flatMap(([name, untilMs]) => {
      const account = this.#fed.get(name);
      if (account !== undefined && nowMs < untilMs) return [account];
      this.#watched.delete(name);
      return [];
    });
  }

  /** Whose locks are not as they were left, Clouddriver's own agent may have run for. */
  async #renew(
    accounts: readonly FedAccount[],
    disturbed: (account: string) => void,
  ): Promise<void> {
    const agents = new Set(await this.#lock(accounts));
    for (const account of accounts) {
      if (agents.size === 0) return;
      if (!agentsOf(account).some((agent) => agents.has(agent))) continue;
      this.#deps.events.locksDisturbed(account.name);
      disturbed(account.name);
    }
  }

  /** @returns the agents whose locks were not held as before */
  async #lock(accounts: readonly FedAccount[]): Promise<readonly string[]> {
    if (!this.#options.lockAgents || accounts.length === 0) return [];
    const { cache, events } = this.#deps;
    const agents = accounts.flatMap(agentsOf);
    try {
      const held = await cache.agentLocks.hold({ agents, owner: this.#options.owner, ms: lockMs });
      return held.kind === 'held' ? held.disturbed : [];
    } catch (error: unknown) {
      if (!isCode(error, 'aborted')) events.locksFailed(messageOf(error));
      return [];
    }
  }

  async #define(account: FedAccount): Promise<void> {
    const { name, epoch } = account;
    const { gateway } = this.#options;
    if (gateway === undefined) return;
    const { cache, events } = this.#deps;
    const result = clouddriverDefinition(account, gateway);
    if (result.kind === 'refused') {
      events.definitionFailed(name, result.reason);
      return;
    }
    try {
      const outcome = await cache.definitions.put({ name, epoch, body: result.body });
      const isNews = outcome !== 'noTable' || !this.#waiting.has(name);
      if (isNews) events.definitionStored(name, outcome);
      // A new account has no locks that Clouddriver could forget.
      if (outcome === 'changed') this.#watch(name);
      if (outcome === 'noTable' && this.#fed.has(name)) this.#waiting.add(name);
      else this.#waiting.delete(name);
    } catch (error: unknown) {
      this.#waiting.delete(name);
      // Fenced: its next feeder writes it. Aborted: the bridge is stopping.
      if (isCode(error, 'fenced') || isCode(error, 'aborted')) return;
      events.definitionFailed(name, messageOf(error));
    }
  }
}

/** Every caching agent that Clouddriver may have for the account, with its default of one thread. */
function agentsOf({ name, kinds }: FedAccount): readonly string[] {
  return [
    cachingAgentName(name, 'pod'),
    unregisteredAgentName(name),
    ...kinds.map((kind) => cachingAgentName(name, kind)),
  ];
}

function isCode(error: unknown, code: SqlCacheError['code']): boolean {
  return error instanceof SqlCacheError && error.code === code;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
