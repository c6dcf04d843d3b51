/**
 * Which types have tables. Tables are made when a type is first written, or ahead of that: while its
 * first rows wait, or when a program expects that some will come. They are remembered in
 * `fairlead_types`, since a type cannot be told from its table's name.
 *
 * Objects name their owners' kinds freely, so whoever may create objects in a cluster could make
 * the database grow tables without end: types that are only pointed to are limited in number.
 */
import type { Dialect, WriteSession } from './dialect.ts';

/** More than the owner kinds of any cluster seen; each costs two empty tables. */
export const maxPointedToTypes = 256;
/** `fairlead_types.type` holds this much; a kind and a group have at most 63 + 253 characters. */
const maxTypeChars = 400;

interface TypeRow {
  readonly type: string;
  readonly has_rows: number;
}

/** The tables of one database, as this process knows them. */
export class TypeTables {
  readonly #dialect: Dialect;
  /** Types with tables; `true` for those that rows are written to. */
  #known = new Map<string, boolean>();
  /** Those that this process has made. */
  readonly #made = new Set<string>();
  /** Tables for rows in the making, by type. */
  readonly #making = new Map<string, Promise<void>>();
  /** The end of what is made ahead of rows that wait. */
  #ahead: Promise<void> = Promise.resolve();
  /** The end of what is made ahead of any. */
  #preparing: Promise<void> = Promise.resolve();

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** Reads what other processes have made, on a session's connection if one is given. */
  async load(session?: WriteSession): Promise<void> {
    const query = this.#dialect.knex<TypeRow>('fairlead_types').select('type', 'has_rows');
    const rows = await (session === undefined ? query : query.connection(session.connection));
    for (const row of rows) {
      this.#known.set(row.type, (this.#known.get(row.type) ?? false) || row.has_rows === 1);
    }
  }

  /** Forgets everything: a table that was there has been dropped by somebody. */
  forget(): void {
    this.#known = new Map();
    this.#made.clear();
  }

  /** The types that rows are or were written to, sorted. */
  async typesWithRows(): Promise<string[]> {
    await this.load();
    return [...this.#known].flatMap(([type, hasRows]) => (hasRows ? [type] : [])).sort();
  }

  /** Whether a type has tables, made by whichever process. */
  async has(type: string, session: WriteSession): Promise<boolean> {
    if (!this.#known.has(type)) await this.load(session);
    return this.#known.has(type);
  }

  /** Whether nothing has to be made for rows of some types that point to others. */
  haveAll(written: ReadonlySet<string>, pointedTo: ReadonlySet<string>): boolean {
    const isThere = (type: string): boolean => this.#known.has(type);
    return (
      [...written].every((type) => this.#known.get(type) === true) && [...pointedTo].every(isThere)
    );
  }

  /**
   * Makes the tables of a type that rows will soon be written to, one type after the other, while the
   * caller does something else. Who writes first finds them made or makes them, and meets whatever
   * may fail here.
   */
  expect(type: string): void {
    if (this.#known.get(type) === true || this.#making.has(type)) return;
    this.#ahead = this.#ahead.then(() => this.#makeAhead(type)).catch(leftToWriters);
  }

  /** Makes the tables of types that rows may be written to some day, in the same way. */
  prepare(types: readonly string[]): void {
    for (const type of types) {
      this.#preparing = this.#preparing.then(() => this.#prepare(type)).catch(leftToWriters);
    }
  }

  /** Makes the tables of types that rows will be written to, and of types that these point to. */
  async ensure(written: ReadonlySet<string>, pointedTo: ReadonlySet<string>): Promise<void> {
    const missing = [...written].filter((type) => this.#known.get(type) !== true);
    const named = [...pointedTo].filter((type) => !this.#known.has(type) && !written.has(type));
    if (missing.length === 0 && named.length === 0) return;
    await this.load();
    for (const type of missing) await this.#makeForRows(type);
    for (const type of named) {
      if (this.#mayPointTo(type)) await this.#make(type, false);
    }
  }

  #mayPointTo(type: string): boolean {
    if (this.#known.has(type)) return true;
    const count = [...this.#known.values()].filter((hasRows) => !hasRows).length;
    return type.length <= maxTypeChars && count < maxPointedToTypes;
  }

  async #makeAhead(type: string): Promise<void> {
    if (this.#known.get(type) !== true) await this.#makeForRows(type);
  }

  async #prepare(type: string): Promise<void> {
    if (!this.#known.has(type)) await this.#make(type, false);
  }

  /** One making of a type at a time. */
  async #makeForRows(type: string): Promise<void> {
    const making = this.#making.get(type) ?? this.#make(type, true);
    this.#making.set(type, making);
    try {
      await making;
    } finally {
      this.#making.delete(type);
    }
  }

  async #make(type: string, hasRows: boolean): Promise<void> {
    const { names } = this.#dialect;
    const tables = { resource: names.resource(type), relation: names.relation(type) };
    if (!this.#made.has(type)) await this.#dialect.createTables(tables);
    this.#made.add(type);
    await this.#dialect.transaction((session) => this.#remember(session, { type, hasRows }));
    this.#known.set(type, hasRows || (this.#known.get(type) ?? false));
  }

  async #remember(
    session: WriteSession,
    entry: { readonly type: string; readonly hasRows: boolean },
  ): Promise<void> {
    const row = { type: entry.type, has_rows: entry.hasRows ? 1 : 0 };
    const insert = this.#dialect.knex<TypeRow>('fairlead_types').insert(row).onConflict('type');
    await (entry.hasRows ? insert.merge() : insert.ignore()).connection(session.connection);
  }
}

function leftToWriters(): void {
  return undefined;
}
