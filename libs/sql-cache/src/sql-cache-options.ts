/** What a cache is opened with, and the check that reports every problem at once. */
import { SqlCacheError } from './sql-cache-error.ts';

/** The part of a clock that this room needs. */
export interface SqlClock {
  /** Epoch milliseconds. */
  nowMs(): number;
  /** Resolves after the time or rejects when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The part of a random generator that this room needs. */
export interface SqlRandom {
  /** In [0, 1). */
  next(): number;
}

/** What the cache tells while it works. Calls must be quick and must not throw. */
export interface SqlObserver {
  /** `ready` waits; `reason` is fit for a readiness probe. */
  waiting?(reason: string): void;
  /** Something transient happened and the work will be run again. */
  retrying?(event: RetryEvent): void;
  /** A statement (or a whole commit, as `commit`) has ended well. */
  timed?(event: { readonly statement: string; readonly elapsedMs: number }): void;
  /** Relations whose other end is of a type that no table may be made for. */
  relationsLeftOut?(event: { readonly count: number }): void;
}

/** One retry. */
export interface RetryEvent {
  /** What is retried: `commit`, `search`, ... */
  readonly operation: string;
  /** Name from the table of transient errors, with bounded values: `deadlock`, `connectionLost`. */
  readonly reason: string;
  /** How often it has failed so far. */
  readonly attempt: number;
  /** Pause before the next attempt, ms. */
  readonly delayMs: number;
}

/** What a cache is opened with. */
export interface SqlCacheOptions {
  /** `postgres://...`, `mysql://...` or `embedded:<directory>`. */
  readonly url: string;
  /**
   * The URL as it is now: user and password may change while the cache is open. When it is another
   * one, connections of the pool are replaced as they are used next. @defaultValue always `url`
   */
  readonly currentUrl?: () => string;
  /**
   * Who owns Clouddriver's tables: `clouddriver` waits for its migrations, `standalone` makes the
   * templates itself. An embedded database is always standalone.
   */
  readonly schema: 'clouddriver' | 'standalone';
  /** Clouddriver's `sql.table-namespace`; letters, digits and `_`. @defaultValue '' */
  readonly tableNamespace?: string;
  /** Connections to a database server. */
  readonly pool?: {
    /** At most so many, at least 2. @defaultValue 10 */
    readonly max?: number;
  };
  /**
   * How long a database server may be silent, in ms, before its connection counts as lost: after a
   * failover nobody ends the old one. Above the 30 s that a statement may wait for a lock.
   * @defaultValue 60000
   */
  readonly silenceTimeoutMs?: number;
  /**
   * How long a statement may wait for a lock, in ms, before the work is run again; MySQL counts whole
   * seconds. SQLite does not wait: there the work is run again at once.
   * @defaultValue 30000
   */
  readonly lockTimeoutMs?: number;
  /** Time. */
  readonly clock: SqlClock;
  /** Jitter of the pauses between retries. @defaultValue Math.random */
  readonly random?: SqlRandom;
  /** Whom to tell. @defaultValue nobody */
  readonly observer?: SqlObserver;
}

/** Options with nothing left open. */
export interface ResolvedSqlCacheOptions {
  /** Which dialect the URL asks for. */
  readonly dialect: 'postgres' | 'mysql' | 'sqlite';
  /** The URL; for `sqlite` the directory of the database. */
  readonly location: string;
  /** The URL as it is now. `undefined`: `location`, for ever. */
  readonly currentLocation: (() => string) | undefined;
  readonly schema: 'clouddriver' | 'standalone';
  readonly tableNamespace: string;
  readonly poolMax: number;
  readonly silenceTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly clock: SqlClock;
  readonly random: SqlRandom;
  readonly observer: SqlObserver;
}

/** Ten connections serve ten accounts at once; units of one account never overlap. */
const defaultPoolMax = 10;
/** One connection holds the migration lock while another migrates. */
const minPoolMax = 2;

/** Far above any transaction of ours; only somebody else's holds a lock for so long. */
const defaultLockTimeoutMs = 30_000;
/** Twice what a statement may wait for a lock. */
const defaultSilenceTimeoutMs = 2 * defaultLockTimeoutMs;

const dialectsByScheme: ReadonlyMap<string, ResolvedSqlCacheOptions['dialect']> = new Map([
  ['postgres', 'postgres'],
  ['postgresql', 'postgres'],
  ['mysql', 'mysql'],
  ['mariadb', 'mysql'],
  ['embedded', 'sqlite'],
]);

/**
 * Checks and completes the options. The URL never appears in a message: it may hold a password.
 * @throws SqlCacheError `invalidOptions`
 */
export function resolveSqlCacheOptions(options: SqlCacheOptions): ResolvedSqlCacheOptions {
  const problems: string[] = [];
  const colon = options.url.indexOf(':');
  const dialect = dialectsByScheme.get(options.url.slice(0, colon));
  const location = dialect === 'sqlite' ? options.url.slice(colon + 1) : options.url;
  if (dialect === undefined) {
    problems.push('url must begin with postgres://, mysql:// or embedded:');
  } else if (dialect === 'sqlite' && location === '') {
    problems.push('url names no directory');
  } else if (dialect !== 'sqlite' && !isServerUrl(location)) {
    problems.push('url is not the URL of a server');
  }
  const tableNamespace = options.tableNamespace ?? '';
  if (!/^\w*$/.test(tableNamespace)) {
    problems.push('tableNamespace may hold letters, digits and _ only');
  }
  const poolMax = options.pool?.max ?? defaultPoolMax;
  if (!Number.isInteger(poolMax) || poolMax < minPoolMax) {
    problems.push(`pool.max must be a whole number of at least ${minPoolMax}`);
  }
  const silenceTimeoutMs = options.silenceTimeoutMs ?? defaultSilenceTimeoutMs;
  if (!(silenceTimeoutMs > 0)) problems.push('silenceTimeoutMs must be above 0');
  const lockTimeoutMs = options.lockTimeoutMs ?? defaultLockTimeoutMs;
  if (!Number.isInteger(lockTimeoutMs) || lockTimeoutMs < 1) {
    problems.push('lockTimeoutMs must be a whole number above 0');
  }
  if (dialect === undefined || problems.length > 0) {
    throw new SqlCacheError('invalidOptions', problems.join('; '));
  }
  return Object.freeze({
    dialect,
    location,
    currentLocation: options.currentUrl,
    schema: dialect === 'sqlite' ? 'standalone' : options.schema,
    tableNamespace,
    poolMax,
    silenceTimeoutMs,
    lockTimeoutMs,
    clock: options.clock,
    random: options.random ?? { next: () => Math.random() },
    observer: options.observer ?? {},
  });
}

/** The host may be empty: PostgreSQL's driver takes the directory of a socket as a parameter. */
function isServerUrl(text: string): boolean {
  return URL.canParse(text) && /^\w+:\/\//.test(text);
}
