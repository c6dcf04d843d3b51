/** Prepared statements on a connection of node-postgres. */
import type { Writable } from 'node:stream';
import type { ClientBase, QueryResult } from 'pg';

/** What the statements of this folder need of a connection. */
export type PgConnection = Pick<ClientBase, 'query'>;

/** A statement and its parameters. */
export interface PgStatement {
  /** Complete text, the same for every call about the same table. */
  readonly text: string;
  /** Numbers and texts, or buffers in PostgreSQL's binary format. */
  readonly values: readonly (string | number | Buffer)[];
  /**
   * One plan serves whatever the parameters are, since nothing but them is read. To plan each call
   * would copy them several times: a tenth of what inserting Pods costs the server (measured).
   * @defaultValue false
   */
  readonly isPlannedOnce?: boolean;
}

/**
 * Names of prepared statements by text: PostgreSQL cuts names after 63 bytes, which is less than a
 * table's name and a verb.
 */
export class StatementNames {
  readonly #names = new Map<string, string>();
  #isGivenUp = false;

  /**
   * Statements have no names from now on, and so a plan of their own each time: for servers that
   * cannot be told to leave generic plans alone.
   */
  giveUp(): void {
    this.#isGivenUp = true;
  }

  /** Whether statements have names, and their plans can be chosen. */
  get areGiven(): boolean {
    return !this.#isGivenUp;
  }

  /** The name of a statement, the same on every connection; `undefined` where it is to have none. */
  nameOf(text: string): string | undefined {
    if (this.#isGivenUp) return undefined;
    let name = this.#names.get(text);
    if (name === undefined) {
      name = `fairlead_${this.#names.size}`;
      this.#names.set(text, name);
    }
    return name;
  }
}

/** From here on in the transaction, plans are made once or, as everywhere else, for each call. */
export function planOnce(isOnce: boolean): PgStatement {
  const text = `SELECT set_config('plan_cache_mode', $1, true)`;
  return { text, values: [isOnce ? 'force_generic_plan' : 'force_custom_plan'] };
}

/** Runs a prepared statement. */
export async function runPrepared(
  connection: PgConnection,
  names: StatementNames,
  statement: PgStatement,
): Promise<QueryResult<Record<string, unknown>>> {
  const { text } = statement;
  const values = [...statement.values];
  const name = names.nameOf(text);
  const named = name === undefined ? {} : { name };
  return connection.query<Record<string, unknown>>({ ...named, text, values });
}

/** Quotes a name that has been made by `TableNames`. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The part of a client that the driver's types leave out. */
interface Piped {
  readonly connection: { readonly stream: Writable };
}

/** Makes one write of all statements that are sent before the present job is done. */
export function sendTogether(connection: PgConnection): void {
  const { stream } = (connection as unknown as Piped).connection;
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}
