/**
 * Drives the account machines: hands them what happens, performs what they decide, looks what other
 * bridges do, keeps the grace timers. One account never waits for another; the store's steps of one
 * account run one at a time.
 */
import {
  unclaimed,
  type AccountEffect,
  type AccountInput,
  type AccountOffer,
  type AccountState,
  type RejectionReason,
} from './account-state.ts';
import { stepAccount, type AccountConfig } from './account-machine.ts';
import { chooseMove, type MoveChoice } from './choose-move.ts';
import { isNews } from './look-around.ts';
import { viewAccount, type AccountView } from './account-view.ts';
import { type RegistryStore } from './registry-store.ts';

/** Time, as the registry needs it. */
export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number;
  /** Resolves after `ms`; rejects when the signal says so. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Who carries the decisions out. Called in order; must not throw. */
export interface RegistryListener {
  /** `offer` feeds from now on, by `epoch`. */
  accepted(name: string, offer: AccountOffer, epoch: number): void;
  /** `offer` waits. */
  standby(name: string, offer: AccountOffer, reason: string): void;
  /** `offer` is refused. */
  rejected(name: string, offer: AccountOffer, detail: RejectionDetail): void;
  /** `offer` feeds no longer. Its link may be gone already. */
  revoked(name: string, offer: AccountOffer, detail: RevocationDetail): void;
  /** The account moved from one state to another. */
  moved(name: string, from: AccountState['kind'], to: AccountState['kind']): void;
  /** The store failed and will be asked again. */
  storeFailed(name: string, error: unknown, retryInMs: number): void;
}

/** Why an offer is refused. */
export interface RejectionDetail {
  /** For programs. */
  readonly code: RejectionReason;
  /** For people. */
  readonly reason: string;
}

/** Which feeding ended, and why. */
export interface RevocationDetail {
  /** The epoch that ended. */
  readonly epoch: number;
  /** For people. */
  readonly reason: string;
}

/** What the registry is made of. */
export interface RegistryDeps {
  /** The database. */
  readonly store: RegistryStore;
  /** Time. */
  readonly clock: Clock;
  /** Who carries the decisions out. */
  readonly listener: RegistryListener;
}

/** First and longest wait before a failed step of the store is tried again, ms. */
const [firstRetryMs, lastRetryMs] = [250, 10_000];

interface Entry {
  state: AccountState;
  grace: AbortController | undefined;
  storeSteps: Promise<void>;
  /** Steps that the store has not answered. */
  pendingSteps: number;
}

/** Decides which link feeds which account. */
export class AccountRegistry {
  readonly #deps: RegistryDeps;
  readonly #config: AccountConfig;
  readonly #entries = new Map<string, Entry>();
  readonly #inputs: { name: string; input: AccountInput }[] = [];
  readonly #stopped = new AbortController();
  #isStepping = false;

  constructor(deps: RegistryDeps, config: AccountConfig) {
    this.#deps = deps;
    this.#config = config;
  }

  /**
   * Learns what the store knows. Nothing is written, but for removals that had begun; each account
   * that nobody feeds gets a whole grace period.
   */
  async load(): Promise<void> {
    await this.look();
    await Promise.all([...this.#entries.values()].map((entry) => entry.storeSteps));
  }

  /** Looks what other bridges have done since; to be called every few seconds. */
  async look(): Promise<void> {
    const heads = new Map((await this.#deps.store.heads()).map((head) => [head.name, head]));
    for (const name of new Set([...heads.keys(), ...this.#entries.keys()])) {
      const entry = this.#entries.get(name) ?? newEntry();
      if (entry.pendingSteps > 0 || !isNews(entry.state, heads.get(name))) continue;
      this.#entries.set(name, entry);
      this.#enqueue(name, entry, { kind: 'look' });
    }
  }

  /**
   * Gives a name to another cluster: the one that agents offer and that was rejected, or the one
   * with `uid`. The old cluster's feeding ends at once; its rows are deleted before anybody feeds.
   */
  move(name: string, uid: string | undefined): MoveChoice {
    const choice = chooseMove(this.#entries.get(name)?.state ?? unclaimed, uid);
    if (choice.kind === 'chosen') this.#input(name, { kind: 'moveAsked', to: choice.to });
    return choice;
  }

  /** An agent offers an account; the listener gets the answer, now or later. */
  offer(name: string, offer: AccountOffer): void {
    this.#input(name, { kind: 'offered', offer });
  }

  /** An agent takes an account back. */
  withdraw(name: string, linkId: string, reason: string): void {
    this.#input(name, { kind: 'left', linkId, reason });
  }

  /** A link is gone, with all its offers. */
  linkLost(linkId: string, reason: string): void {
    for (const name of [...this.#entries.keys()]) this.withdraw(name, linkId, reason);
  }

  /** A write by `epoch` was refused by the database. */
  fenced(name: string, epoch: number): void {
    this.#input(name, { kind: 'fenced', epoch });
  }

  /** All accounts, by name. */
  views(): AccountView[] {
    return [...this.#entries.keys()].sort().flatMap((name) => this.view(name) ?? []);
  }

  /** One account. */
  view(name: string): AccountView | undefined {
    return viewAccount(name, this.#entries.get(name)?.state ?? unclaimed);
  }

  /** Ends timers and retries; decides nothing any more. Waits for what the store is doing. */
  async close(): Promise<void> {
    this.#stopped.abort();
    for (const entry of this.#entries.values()) entry.grace?.abort();
    await Promise.all([...this.#entries.values()].map((entry) => entry.storeSteps));
  }

  #input(name: string, input: WithoutTime<AccountInput>): void {
    if (this.#stopped.signal.aborted) return;
    this.#inputs.push({ name, input: { ...input, nowMs: this.#deps.clock.nowMs() } });
    // A listener may call back; its input waits until the effects before it are performed.
    if (this.#isStepping) return;
    this.#isStepping = true;
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
      this.#step(next.name, next.input);
    }
    this.#isStepping = false;
  }

  #step(name: string, input: AccountInput): void {
    const entry = this.#entries.get(name) ?? newEntry();
    this.#entries.set(name, entry);
    const from = entry.state.kind;
    const { state, effects } = stepAccount(entry.state, input, this.#config);
    entry.state = state;
    if (state.kind !== from) this.#deps.listener.moved(name, from, state.kind);
    for (const effect of effects) this.#perform(name, entry, effect);
    if (state.kind === 'unclaimed' && entry.pendingSteps === 0) this.#entries.delete(name);
  }

  #perform(name: string, entry: Entry, effect: AccountEffect): void {
    const { listener } = this.#deps;
    switch (effect.kind) {
      case 'accepted':
        listener.accepted(name, effect.offer, effect.epoch);
        return;
      case 'standby':
        listener.standby(name, effect.offer, effect.reason);
        return;
      case 'rejected':
        listener.rejected(name, effect.offer, effect);
        return;
      case 'revoked':
        listener.revoked(name, effect.offer, effect);
        return;
      case 'startGrace':
        this.#startGrace(name, entry);
        return;
      case 'stopGrace':
        entry.grace?.abort();
        return;
      default:
        this.#enqueue(name, entry, effect);
    }
  }

  #enqueue(name: string, entry: Entry, effect: StoredEffect): void {
    entry.pendingSteps += 1;
    entry.storeSteps = entry.storeSteps.then(async () => {
      const outcome = await this.#untilDone(name, () => this.#ask(name, effect));
      entry.pendingSteps -= 1;
      if (outcome !== undefined) this.#input(name, outcome);
    });
  }

  async #ask(name: string, effect: StoredEffect): Promise<WithoutTime<AccountInput> | undefined> {
    const { store } = this.#deps;
    switch (effect.kind) {
      case 'takeOver': {
        const { expectedEpoch, facts, offer } = effect;
        const { linkId } = offer;
        const outcome = await store.takeOver({ name, expectedEpoch, linkId, facts });
        if (outcome.kind === 'taken') return { kind: 'tookOver', epoch: outcome.epoch };
        return { kind: 'takeOverLost', current: outcome.current };
      }
      case 'recordDisconnected': {
        const { epoch, graceDeadlineMs } = effect;
        await store.recordDisconnected({ name, epoch, graceDeadlineMs });
        return undefined;
      }
      case 'removeAccount': {
        const { signal } = this.#stopped;
        const outcome = await store.removeAccount({ name, epoch: effect.epoch, signal });
        if (outcome === 'removed') return { kind: 'removed' };
        return { kind: 'removalLost', current: await store.get(name) };
      }
      case 'moveAccount': {
        const { epoch, to } = effect;
        const { signal } = this.#stopped;
        const outcome = await store.moveAccount({ name, epoch, to, signal });
        if (outcome.kind === 'moved') return outcome;
        return { kind: 'removalLost', current: await store.get(name) };
      }
      case 'look':
        return { kind: 'looked', current: await store.get(name) };
    }
  }

  #startGrace(name: string, entry: Entry): void {
    entry.grace?.abort();
    const grace = new AbortController();
    entry.grace = grace;
    void this.#waitForGrace(name, grace.signal);
  }

  /** No clock decides: a period is slept, and what is compared was written by the same hand. */
  async #waitForGrace(name: string, signal: AbortSignal): Promise<void> {
    const { clock, store } = this.#deps;
    const readLast = () => this.#untilDone(name, () => store.lastCommittedAtMs(name));
    const before = await readLast();
    try {
      await clock.sleep(this.#config.gracePeriodMs, signal);
    } catch {
      return; // The account is fed again, or the registry is closed.
    }
    const after = await readLast();
    if (after === undefined || signal.aborted) return;
    this.#input(name, { kind: 'graceElapsed', isQuiet: before === after });
  }

  /** The store's answer, however long that takes; `undefined` when the registry is closed first. */
  async #untilDone<T>(name: string, act: () => Promise<T>): Promise<T | undefined> {
    const { clock, listener } = this.#deps;
    const { signal } = this.#stopped;
    const isStopped = () => signal.aborted;
    for (let waitMs = firstRetryMs; !isStopped(); waitMs = Math.min(waitMs * 2, lastRetryMs)) {
      try {
        return await act();
      } catch (error: unknown) {
        if (isStopped()) return undefined;
        listener.storeFailed(name, error, waitMs);
      }
      // Rejects only when the registry is closed, which the loop's condition sees.
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
    return undefined;
  }
}

type StoredEffect = Extract<
  AccountEffect,
  { kind: 'takeOver' | 'recordDisconnected' | 'removeAccount' | 'moveAccount' | 'look' }
>;

/** The input without its time, variant by variant. */
type WithoutTime<I> = I extends unknown ? Omit<I, 'nowMs'> : never;

function newEntry(): Entry {
  return { state: unclaimed, grace: undefined, storeSteps: Promise.resolve(), pendingSteps: 0 };
}
