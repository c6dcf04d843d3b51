/**
 * What the two SQL servers of this room have in common: a fresh database for each test file, on a
 * server that is one's own or shared. PostgreSQL and MariaDB each bring an `SqlAdministration`.
 */
import { randomBytes } from 'node:crypto';
import type { ServerControl } from './server-process.ts';
import { TestbedError } from './testbed-error.ts';

/** A database made for one user of the server. */
export interface SqlDatabase extends AsyncDisposable {
  /** With user and password: `postgres://fairlead:…@127.0.0.1:17000/t_…` or `mysql://…`. */
  readonly url: string;
  readonly name: string;
  /**
   * Runs one statement on a connection of its own, to look at what others have written.
   *
   * @throws TestbedError `requestFailed` when the server refuses it
   */
  query(statement: string): Promise<readonly SqlRow[]>;
  /** Ends the connections to the database and removes it. May be called again. */
  drop(): Promise<void>;
}

/** One row of an answer, by column. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** A SQL server that a test may use: its own, or one that it shares with others. */
export interface SqlServer extends AsyncDisposable {
  readonly dialect: SqlDialect;
  /** Of the server's own database, with an administrator's user and password. */
  readonly url: string;
  readonly port: number;
  /** True when others use it too: keep to databases of your own. Disposing then drops those. */
  readonly isShared: boolean;
  /**
   * Makes an empty database.
   *
   * @param name - letters, digits and `_`, at most 63. @defaultValue a random one
   * @throws TestbedError `requestFailed` when the name is taken or the server does not answer
   */
  createDatabase(name?: string): Promise<SqlDatabase>;
}

/** A SQL server of one's own. */
export interface SqlServerHandle extends SqlServer, ServerControl {}

/** The SQL servers of this room. */
export type SqlDialect = 'postgres' | 'mariadb';

/** Whether a commit waits for the disk. `unsafe` is faster and loses data with the power. */
export type Durability = 'safe' | 'unsafe';

/** The statements that differ between the servers. */
export interface SqlAdministration {
  readonly dialect: SqlDialect;
  /** Resolves when the server takes statements. */
  readonly ping: (serverUrl: string) => Promise<void>;
  /** Creates a database. `name` has been checked and needs no escaping. */
  readonly create: (serverUrl: string, name: string) => Promise<void>;
  /** Runs a statement in the URL's database; its rows, if it has any. */
  readonly query: (url: string, statement: string) => Promise<readonly SqlRow[]>;
  /** Ends a database's connections and removes it. */
  readonly drop: (serverUrl: string, name: string) => Promise<void>;
}

/** PostgreSQL's limit; MariaDB's is 64. */
const namePattern = /^[a-z_]\w{0,62}$/i;

/** Makes databases on a server and remembers them, so that `dropAll` drops what is left. */
export function keepDatabases(administration: SqlAdministration, serverUrl: string) {
  const databases = new Set<SqlDatabase>();
  const create = async (name = randomName()): Promise<SqlDatabase> => {
    if (!namePattern.test(name)) {
      throw new TestbedError('requestFailed', `not a plain database name: ${name}`);
    }
    await translated(administration.create(serverUrl, name));
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    const drop = async () => {
      if (databases.delete(database)) await translated(administration.drop(serverUrl, name));
    };
    const query = (statement: string) => translated(administration.query(url.href, statement));
    const database = { url: url.href, name, query, drop, [Symbol.asyncDispose]: drop };
    databases.add(database);
    return database;
  };
  const dropAll = async () => {
    for (const database of [...databases]) await database.drop();
  };
  return { create, dropAll };
}

/** A server that somebody else starts and stops. */
export function connectSqlServer(administration: SqlAdministration, url: string): SqlServer {
  const databases = keepDatabases(administration, url);
  return {
    dialect: administration.dialect,
    url,
    port: Number(new URL(url).port),
    isShared: true,
    createDatabase: databases.create,
    [Symbol.asyncDispose]: databases.dropAll,
  };
}

async function translated<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error: unknown) {
    throw TestbedError.from(error, 'requestFailed');
  }
}

function randomName(): string {
  return `t_${randomBytes(6).toString('hex')}`;
}
