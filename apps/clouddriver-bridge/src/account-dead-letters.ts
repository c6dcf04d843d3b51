/**
 * What one account has put aside, under one epoch: knows which rows have a letter, so that a unit
 * clears the letters of the rows that it writes, and no more letters are kept than there is room for.
 * As long as nothing is put aside it costs nothing.
 */
import {
  deadLetterId,
  type CommitOptions,
  type CommitResult,
  type CommitUnit,
  type DeadLetter,
  type RowKey,
  type SqlCache,
} from '@fairlead/sql-cache';

/**
 * Letters of one account. Somebody has to look at each of them; whoever has a thousand has one
 * trouble, not a thousand. Each may hold an object.
 */
export const maxLettersPerAccount = 1000;

/** A letter as the writer remembers it. */
export type KnownLetter = Pick<
  DeadLetter,
  'id' | 'type' | 'rowId' | 'namespace' | 'resourceVersion' | 'reason' | 'message'
>;

/** What became of something that is put aside. */
export type LetterFate =
  | /** It stands in SQL. */ 'kept'
  | /** The account has as many as there is room for; log and metric alone know of it. */ 'notKept';

/** What the letters are kept with. */
export interface AccountDeadLettersDeps {
  /** The database. */
  readonly cache: Pick<SqlCache, 'commit'>;
  /** Told of each letter when it is in the database, or is not to be. */
  readonly putAside: (letter: DeadLetter, fate: LetterFate) => void;
  /** @defaultValue `maxLettersPerAccount` */
  readonly maxLetters?: number | undefined;
}

/** The letters of one account. */
export class AccountDeadLetters {
  readonly #deps: AccountDeadLettersDeps;
  readonly #known: Map<string, KnownLetter>;
  readonly #typesPutAside = new Set<string>();

  constructor(deps: AccountDeadLettersDeps, stored: readonly KnownLetter[]) {
    this.#deps = deps;
    this.#known = new Map(stored.map((letter) => [letter.id, letter]));
  }

  /** One of them. */
  get(id: string): KnownLetter | undefined {
    return this.#known.get(id);
  }

  /** Whether there are none, so that a unit of rows means nothing for them. */
  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  /** Whether any row of a type was put aside under this epoch, kept or not. */
  hasPutAside(type: string): boolean {
    return this.#typesPutAside.has(type);
  }

  /** Rows that have a letter, of one type and agent in a namespace; `''` is all of them. */
  rowsOf(rows: {
    readonly type: string;
    readonly agent: string;
    readonly namespace: string;
  }): readonly RowKey[] {
    const { type, agent, namespace } = rows;
    return [...this.#known.values()]
      .filter((letter) => letter.type === type)
      .filter((letter) => namespace === '' || letter.namespace === namespace)
      .map(({ rowId: id }) => ({ type, id, agent }));
  }

  /** Commits a unit with what it means for the letters; they change with it or not at all. */
  async commit(unit: CommitUnit, options: CommitOptions = {}): Promise<CommitResult> {
    const { deadLetters = { put: [], cleared: [] }, ...others } = unit;
    if (this.#known.size === 0 && deadLetters.put.length === 0) {
      return this.#deps.cache.commit(others, options);
    }
    for (const { type } of deadLetters.put) this.#typesPutAside.add(type);
    const { kept, notKept } = this.#admit(deadLetters.put);
    const putIds = new Set(kept.map(({ id }) => id));
    const cleared = [...deadLetters.cleared, ...this.#clearedBy(unit)].filter(
      (id) => this.#known.has(id) && !putIds.has(id),
    );
    const isTouched = kept.length > 0 || cleared.length > 0;
    const changes = isTouched ? { deadLetters: { put: kept, cleared } } : {};
    const result = await this.#deps.cache.commit({ ...others, ...changes }, options);
    for (const id of cleared) this.#known.delete(id);
    for (const letter of kept) this.#known.set(letter.id, known(letter));
    for (const letter of kept) this.#deps.putAside(letter, 'kept');
    for (const letter of notKept) this.#deps.putAside(letter, 'notKept');
    return result;
  }

  #admit(put: readonly DeadLetter[]) {
    const kept: DeadLetter[] = [];
    const notKept: DeadLetter[] = [];
    let room = (this.#deps.maxLetters ?? maxLettersPerAccount) - this.#known.size;
    for (const letter of put) {
      if (this.#known.has(letter.id)) {
        kept.push(letter);
      } else if (room > 0) {
        room -= 1;
        kept.push(letter);
      } else {
        notKept.push(letter);
      }
    }
    return { kept, notKept };
  }

  /** Letters whose row is written, or whose object is gone. */
  #clearedBy({ account, upserts, deletes }: CommitUnit): readonly string[] {
    if (this.#known.size === 0) return [];
    return [...upserts, ...deletes]
      .map(({ type, id: rowId }) => deadLetterId({ account, type, rowId }))
      .filter((id) => this.#known.has(id));
  }
}

function known(letter: DeadLetter): KnownLetter {
  const { id, type, rowId, namespace, resourceVersion, reason, message } = letter;
  return { id, type, rowId, namespace, resourceVersion, reason, message };
}
