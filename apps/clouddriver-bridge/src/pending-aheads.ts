/** What was found beside an account's feeds and waits to be committed: bounded, and always told its end. */
import { deadLetterId } from '@fairlead/sql-cache';
import { type AccountDeadLetters } from './account-dead-letters.ts';
import { type AccountFeeds } from './account-feeds.ts';
import { PendingAhead, type AheadFate, type AheadObject } from './ahead-object.ts';

/** What an account knows that decides about an end. */
export interface PendingAheadsDeps {
  /** The account. */
  readonly account: string;
  /** Its feeds. */
  readonly feeds: AccountFeeds;
  /** What it has put aside. */
  readonly letters: AccountDeadLetters;
}

/** What waits at most: objects, and their bytes. */
const [maxPending, maxBytes] = [256, 16 * 1024 * 1024];

/** Those of one account. */
export class PendingAheads {
  readonly #deps: PendingAheadsDeps;
  readonly #pending = new Set<PendingAhead>();
  #bytes = 0;

  constructor(deps: PendingAheadsDeps) {
    this.#deps = deps;
  }

  /** Takes one in, and settles it at once if there is no room. */
  add(found: AheadObject): PendingAhead {
    const ahead = new PendingAhead(found);
    if (this.#pending.size >= maxPending || this.#bytes + ahead.bytes > maxBytes) {
      ahead.settle('later');
      return ahead;
    }
    this.#pending.add(ahead);
    this.#bytes += ahead.bytes;
    return ahead;
  }

  /** Whether it waits. */
  has(ahead: PendingAhead): boolean {
    return this.#pending.has(ahead);
  }

  /** It is in the database, unless the database has put it aside. */
  settle(ahead: PendingAhead, fate: AheadFate): void {
    if (this.#pending.delete(ahead)) this.#bytes -= ahead.bytes;
    ahead.settle(fate === 'committed' && this.#isPutAside(ahead.found) ? 'putAside' : fate);
  }

  /** Nothing is written any more. */
  stop(): void {
    for (const ahead of this.#pending) this.settle(ahead, 'stopped');
  }

  #isPutAside(found: AheadObject): boolean {
    const { account, feeds, letters } = this.#deps;
    const key = feeds.ofResource(found)?.rowKey(found);
    if (key === undefined) return false;
    const letter = letters.get(deadLetterId({ account, type: key.type, rowId: key.id }));
    return letter?.resourceVersion === found.resourceVersion;
  }
}
