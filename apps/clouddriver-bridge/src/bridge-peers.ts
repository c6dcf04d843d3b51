/**
 * The bridges that share the database: counts this one's number up, sees whose numbers stand still,
 * and has the registry look what the others have done meanwhile.
 */
import { BridgeSightings, type AccountRegistry } from '@fairlead/account-registry';
import { noDoor, type BridgeDoor, type SqlCache, type StoredBridge } from '@fairlead/sql-cache';

/** What the peers are known from. */
export interface BridgePeersDeps {
  /** The database. */
  readonly cache: Pick<SqlCache, 'bridges' | 'accounts'>;
  /** This bridge. */
  readonly bridgeId: string;
  /** Where the others reach it, as it is now. @defaultValue nowhere */
  readonly door?: () => Promise<BridgeDoor>;
}

/** A bridge, as this one sees it. */
export interface BridgePeer extends StoredBridge {
  /** Whether it is this one. */
  readonly isSelf: boolean;
  /** Whether it must be thought to live. */
  readonly isAlive: boolean;
}

/** Looks without a beat after which a dead bridge is forgotten: ten minutes of them. */
const forgottenLooks = 300;

/** All bridges. */
export class BridgePeers {
  readonly #deps: BridgePeersDeps;
  readonly #sightings = new BridgeSightings();
  #doors: ReadonlyMap<string, BridgeDoor> = new Map();

  constructor(deps: BridgePeersDeps) {
    this.#deps = deps;
  }

  /** Looks twice: the second time for those that have accounts and may have left in order. */
  async start(): Promise<void> {
    await this.look();
    const heads = await this.#deps.cache.accounts.heads();
    for (const { bridgeId } of heads) this.#sightings.isAlive(bridgeId);
    await this.look();
  }

  /** Beats, and looks at the others. */
  async look(): Promise<void> {
    const { bridges } = this.#deps.cache;
    await bridges.beat(this.#deps.bridgeId, (await this.#deps.door?.()) ?? noDoor);
    await this.#sightings.look(async () => {
      const listed = await bridges.list();
      this.#doors = new Map(listed.map(({ bridgeId, door }) => [bridgeId, door]));
      return listed;
    });
    await bridges.forget(this.#sightings.stillFor(forgottenLooks));
  }

  /** Whether another bridge, which must be thought to live, has this name. */
  isLivingOther(bridgeId: string): boolean {
    return bridgeId !== this.#deps.bridgeId && this.#sightings.isAlive(bridgeId);
  }

  /** Where another bridge that lives takes requests; `undefined` if it does not. */
  doorOf(bridgeId: string): BridgeDoor | undefined {
    const door = this.#doors.get(bridgeId);
    return door !== undefined && door.address !== '' && this.isLivingOther(bridgeId)
      ? door
      : undefined;
  }

  /** What a bridge signs with, if it is one of ours. */
  publicKeyOf(bridgeId: string): string | undefined {
    return this.#doors.get(bridgeId)?.publicKey;
  }

  /** Whether a bridge was seen to count up, and not only to stand in the database. */
  hasBeaten(bridgeId: string): boolean {
    return this.#sightings.hasBeaten(bridgeId);
  }

  /** How many stood in the database at the last look: those that live, this one too, and the others. */
  counts(): { readonly alive: number; readonly silent: number } {
    const others = [...this.#doors.keys()].filter((bridgeId) => bridgeId !== this.#deps.bridgeId);
    const alive = others.filter((bridgeId) => this.#sightings.isAlive(bridgeId)).length;
    return { alive: alive + 1, silent: others.length - alive };
  }

  /** All that stand in the database, by name. */
  async list(): Promise<readonly BridgePeer[]> {
    const { cache, bridgeId: self } = this.#deps;
    return (await cache.bridges.list()).map((bridge) => {
      const isSelf = bridge.bridgeId === self;
      return { ...bridge, isSelf, isAlive: isSelf || this.#sightings.isAlive(bridge.bridgeId) };
    });
  }

  /** This bridge stops in order: others need not wait to find out. */
  async leave(): Promise<void> {
    try {
      await this.#deps.cache.bridges.forget([this.#deps.bridgeId]);
    } catch {
      // The database is away: the others will find out by this bridge's silence.
    }
  }
}

/** What `keepLooking` needs. */
export interface KeepLookingDeps {
  readonly peers: Pick<BridgePeers, 'look'>;
  readonly registry: Pick<AccountRegistry, 'look'>;
  readonly clock: { sleep(ms: number, signal: AbortSignal): Promise<void> };
  /** Told of troubles that asking again does not mend. */
  readonly failed: (error: unknown) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Between two looks, ms: an account that one bridge gives up is taken by another within this. */
const lookMs = 2000;

/** Looks until the signal says stop. */
export async function keepLooking(deps: KeepLookingDeps): Promise<void> {
  const { peers, registry, clock, signal } = deps;
  const isStopped = () => signal.aborted;
  while (!isStopped()) {
    // Rejects only at the end of the process, which the loop's condition sees.
    await clock.sleep(lookMs, signal).catch(() => undefined);
    if (isStopped()) return;
    try {
      await peers.look();
      await registry.look();
    } catch (error: unknown) {
      if (!isStopped()) deps.failed(error);
    }
  }
}
