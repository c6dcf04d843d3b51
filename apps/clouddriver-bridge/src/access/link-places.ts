/** How many links one address and one identity may have: a hostile agent must not open them all. */
import { networkOf } from './failure-limiter.ts';

/** Most links at a time. */
export interface LinkPlaceLimits {
  /** From one address; a proxy makes one of many. */
  readonly linksPerAddress: number;
  /** By one rule, token subject or certificate subject. */
  readonly linksPerIdentity: number;
}

/** Places for links. */
export class LinkPlaces {
  readonly #limits: LinkPlaceLimits;
  readonly #taken = new Map<string, number>();

  constructor(limits: LinkPlaceLimits) {
    this.#limits = limits;
  }

  /** Takes a place; the answer gives it back, once. `undefined`: there is none left. */
  take(remoteAddress: string, identity: string): (() => void) | undefined {
    const address = `address ${networkOf(remoteAddress)}`;
    const who = `identity ${identity}`;
    const { linksPerAddress, linksPerIdentity } = this.#limits;
    if (this.#count(address) >= linksPerAddress || this.#count(who) >= linksPerIdentity) {
      return undefined;
    }
    this.#add(address, 1);
    this.#add(who, 1);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#add(address, -1);
      this.#add(who, -1);
    };
  }

  #count(key: string): number {
    return this.#taken.get(key) ?? 0;
  }

  #add(key: string, change: number): void {
    const count = this.#count(key) + change;
    if (count === 0) this.#taken.delete(key);
    else this.#taken.set(key, count);
  }
}
