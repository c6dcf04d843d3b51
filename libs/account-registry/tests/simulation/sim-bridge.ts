/**
 * A life of a bridge in the simulation: the real registry and the real sightings, over a store whose
 * every question goes through `ask`, and a clock whose timers the world fires.
 */
import { AccountRegistry, type Clock, type RegistryListener } from '../../src/account-registry.ts';
import { type AccountOffer, type StoredFacts } from '../../src/account-state.ts';
import { BridgeSightings } from '../../src/bridge-sightings.ts';
import { type RegistryStore } from '../../src/registry-store.ts';
import { type SimDatabase, type SimRow } from './sim-database.ts';

/** The one account. */
export const account = 'prod';
/** Between two looks, ms, as the bridge's own. */
const lookMs = 2000;

/** A question to the database on its way. */
export interface SimQuestion {
  readonly bridge: SimBridge;
  /** What the database does with it. */
  readonly execute: () => unknown;
  readonly answer: (value: unknown) => void;
  readonly fail: (error: Error) => void;
}

/** What a bridge lives in. */
export interface SimSurroundings {
  readonly database: SimDatabase;
  /** True time, which nobody knows, ms. */
  readonly trueMs: () => number;
  /** Takes a question. */
  readonly ask: (question: SimQuestion) => void;
}

/** One life of a bridge. */
export class SimBridge {
  readonly id: string;
  readonly bornAtMs: number;
  readonly registry: AccountRegistry;
  /** Feedings that it grants, by epoch. */
  readonly grants = new Map<number, AccountOffer>();
  /** The last thing that each link was told. */
  readonly told = new Map<string, string>();
  /** Its open links. */
  readonly links = new Map<string, AccountOffer>();
  /** What happens to it while it is paused waits here. */
  readonly inbox: (() => void)[] = [];
  readonly #world: SimSurroundings;
  readonly #sightings = new BridgeSightings();
  readonly #stopped = new AbortController();
  #timers: { readonly at: number; readonly fire: () => void }[] = [];
  /** By how much its clock is wrong, ms. */
  clockErrorMs = 0;
  isPaused = false;
  isDead = false;

  constructor(id: string, world: SimSurroundings) {
    this.id = id;
    this.#world = world;
    this.bornAtMs = world.trueMs();
    const clock: Clock = {
      nowMs: () => world.trueMs() + this.clockErrorMs,
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
    const store = this.#store();
    const listener = this.#listener();
    this.registry = new AccountRegistry({ store, clock, listener }, { gracePeriodMs });
    void this.#live(clock);
  }

  /** Does it now, or when the bridge runs again; never if it is dead. */
  happens(event: () => void): void {
    if (this.isDead) return;
    if (this.isPaused) this.inbox.push(event);
    else event();
  }

  /** Fires the timers that are due. */
  fireTimers(): void {
    if (this.isDead || this.isPaused) return;
    const due = this.#timers.filter(({ at }) => at <= this.#world.trueMs());
    this.#timers = this.#timers.filter((timer) => !due.includes(timer));
    for (const { fire } of due) fire();
  }

  resume(): void {
    this.isPaused = false;
    for (const event of this.inbox.splice(0)) event();
  }

  /** kill -9. */
  die(): void {
    this.isDead = true;
    this.#stopped.abort();
    void this.registry.close();
    this.grants.clear();
    this.links.clear();
  }

  /** Every feeding writes; a refused write is told to the registry. */
  commit(): void {
    for (const [epoch, { cluster }] of this.grants) {
      const nowMs = this.#world.trueMs() + this.clockErrorMs;
      void this.#ask((database) => database.commit(epoch, cluster.uid, nowMs)).then(
        (isTaken) => {
          if (!isTaken) this.registry.fenced(account, epoch);
        },
        () => undefined, // The database is away: the next commit tries again.
      );
    }
  }

  async #live(clock: Clock): Promise<void> {
    const { signal } = this.#stopped;
    const look = async () => {
      await this.#ask(({ beats }) => beats.set(this.id, (beats.get(this.id) ?? 0) + 1));
      await this.#sightings.look(() =>
        this.#ask(({ beats }) => [...beats].map(([bridgeId, beat]) => ({ bridgeId, beat }))),
      );
    };
    let isLoaded = false;
    while (!signal.aborted) {
      try {
        await look();
        await (isLoaded ? this.registry.look() : this.registry.load());
        isLoaded = true;
      } catch {
        // The database is away: the next look tries again.
      }
      await clock.sleep(lookMs, signal).catch(() => undefined); // Dead: the loop ends.
    }
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        reject(new Error('aborted'));
      };
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      this.#timers.push({ at: this.#world.trueMs() + ms, fire: resolve });
    });
  }

  #ask<T>(work: (database: SimDatabase) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#world.ask({
        bridge: this,
        execute: () => work(this.#world.database),
        answer: (value) => this.happens(() => resolve(value as T)),
        fail: (error) => this.happens(() => reject(error)),
      });
    });
  }

  #factsOf({ facts, epoch, state, bridgeId }: SimRow): StoredFacts {
    const holder = bridgeId === this.id ? 'self' : 'another';
    const isHeld =
      state !== 'disconnected' && (holder === 'self' || this.#sightings.isAlive(bridgeId));
    const heldBy = isHeld ? holder : 'nobody';
    const begun = state === 'removing' ? 'removal' : state === 'moving' ? 'move' : 'nothing';
    return { ...facts, epoch, bridgeId, heldBy, begun };
  }

  #store(): RegistryStore {
    const get = async () => {
      const row = await this.#ask(({ current }) => current && { ...current });
      return row && this.#factsOf(row);
    };
    return {
      heads: async () => {
        const facts = await get();
        return facts === undefined ? [] : [{ name: account, ...facts }];
      },
      get,
      takeOver: async ({ expectedEpoch, facts }) => {
        const outcome = await this.#ask((database) => {
          const epoch = database.takeOver(facts, this.id, expectedEpoch);
          const { current } = database;
          return { epoch, current: current && { ...current } };
        });
        if (outcome.epoch !== undefined) return { kind: 'taken', epoch: outcome.epoch };
        return { kind: 'lost', current: outcome.current && this.#factsOf(outcome.current) };
      },
      recordDisconnected: ({ epoch }) =>
        this.#ask((database) => {
          database.recordDisconnected(epoch);
        }),
      removeAccount: async ({ epoch }) => {
        const done = await this.#delete({ epoch }, 'removed');
        return done === undefined ? 'lost' : 'removed';
      },
      moveAccount: async ({ epoch, to }) => {
        const done = await this.#delete({ epoch, to }, 'disconnected');
        return done === undefined ? { kind: 'lost' } : { kind: 'moved', epoch: done };
      },
      lastCommittedAtMs: () => this.#ask(({ current }) => current?.lastCommittedAtMs ?? 0),
    };
  }

  async #delete(
    request: Omit<Parameters<SimDatabase['beginDeleting']>[0], 'bridgeId'>,
    last: 'removed' | 'disconnected',
  ): Promise<number | undefined> {
    const bridgeId = this.id;
    const epoch = await this.#ask((database) => database.beginDeleting({ ...request, bridgeId }));
    if (epoch === undefined) return undefined;
    if (!(await this.#ask((database) => database.deleteRows(epoch)))) return undefined;
    const isDone = await this.#ask((database) => database.finishDeleting(epoch, last));
    return isDone ? epoch : undefined;
  }

  #listener(): RegistryListener {
    return {
      accepted: (_name, offer, epoch) => {
        if (this.grants.size > 0) throw new Error('two feedings in one bridge');
        this.grants.set(epoch, offer);
        this.told.set(offer.linkId, 'accepted');
      },
      revoked: (_name, { linkId }, { epoch }) => {
        if (this.grants.get(epoch)?.linkId !== linkId) throw new Error('revoked what is not fed');
        this.grants.delete(epoch);
        this.told.set(linkId, 'revoked');
      },
      standby: (_name, { linkId }) => void this.told.set(linkId, 'standby'),
      rejected: (_name, { linkId }) => void this.told.set(linkId, 'rejected'),
      moved: () => undefined,
      storeFailed: () => undefined,
    };
  }
}

/** Grace period of the simulation: longer than it takes to find out that a bridge is dead. */
export const gracePeriodMs = 30_000;
