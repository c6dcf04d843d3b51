/**
 * The driver's own connections out of knex's pool, for the statements that knex would slow down.
 */
import type { Socket } from 'node:net';
import type { Knex } from 'knex';
import type { Classify } from './fault.ts';
import type { ResolvedSqlCacheOptions } from './sql-cache-options.ts';
import type { StatementQueue } from './statement-queue.ts';

/** Where knex notes that its pool must not hand a connection out again. */
interface Disposable {
  __knex__disposed?: unknown;
}

/** knex prints warnings of its own; whatever matters of them comes back as an error as well. */
export const silentLog = { warn: quiet, error: quiet, deprecate: quiet, debug: quiet };

/** How long to wait for a free connection before the attempt counts as failed. */
export const acquireTimeoutMs = 30_000;

/**
 * Ends a connection on which the server has been silent for too long, whether a statement waits for
 * it or not: a server that is gone without a word would be waited for a quarter of an hour.
 */
export function limitSilence(stream: Socket, silenceTimeoutMs: number): void {
  stream.setTimeout(silenceTimeoutMs, () => {
    const message = `the server was silent for ${silenceTimeoutMs} ms`;
    stream.destroy(Object.assign(new Error(message), { code: 'ETIMEDOUT' }));
  });
}

/**
 * Settings for knex: fixed ones, or a provider that it asks again when the URL has changed.
 * @see https://knexjs.org/guide/#configuration-options `expirationChecker`
 */
export function connectionSettings(
  { location, currentLocation }: Pick<ResolvedSqlCacheOptions, 'location' | 'currentLocation'>,
  settingsFor: (url: string) => object,
): object {
  if (currentLocation === undefined) return settingsFor(location);
  return () => {
    const url = currentLocation();
    const expirationChecker = (): boolean => currentLocation() !== url;
    return Promise.resolve({ ...settingsFor(url), expirationChecker });
  };
}

/** The part of knex's client that its types leave out. */
interface ConnectionSource {
  acquireConnection(): Promise<object>;
  releaseConnection(connection: object): Promise<void>;
}

/** Whose connections to use. */
export interface ConnectionDeps {
  /** The pool. */
  readonly knex: Knex;
  /** Tells which errors leave a connection broken. */
  readonly classify: Classify;
}

/** Runs the work on a connection of the pool; a connection that broke under it is thrown away. */
export async function useConnection<T>(
  deps: ConnectionDeps,
  work: (connection: object) => Promise<T>,
): Promise<T> {
  const source = deps.knex.client as ConnectionSource;
  const connection = await source.acquireConnection();
  try {
    return await work(connection);
  } catch (error: unknown) {
    const fault = deps.classify(error);
    if (fault.kind === 'transient' && fault.connection === 'broken') {
      (connection as Disposable).__knex__disposed = error;
    }
    throw error;
  } finally {
    await source.releaseConnection(connection);
  }
}

/** The statements around a transaction. */
export interface TransactionSteps<T> {
  /** Runs one statement on the connection. */
  readonly run: (sql: string) => Promise<unknown>;
  /** How the dialect begins a transaction. */
  readonly begin: string;
  /** The order of the statements inside, and of the end. */
  readonly statements: StatementQueue;
  /**
   * What is inside. Reads may be sent at once; whatever writes must wait for `begun`: what follows a
   * beginning that failed would be committed bit by bit.
   */
  readonly work: (begun: Promise<unknown>) => Promise<T>;
}

/** Runs the work between two statements; a failed end leaves no connection inside a transaction. */
export async function inTransaction<T>(connection: object, steps: TransactionSteps<T>): Promise<T> {
  try {
    const begun = steps.statements.run(() => steps.run(steps.begin));
    const value = await steps.work(begun);
    await steps.statements.run(() => steps.run('COMMIT'));
    // PostgreSQL answers even a failed transaction's COMMIT, as if all were well.
    await steps.statements.settled();
    return value;
  } catch (error: unknown) {
    // Statements that wait for their turn must not have it outside of the transaction; and what a
    // later one failed of is often only that an earlier one had failed.
    const cause = await steps.statements.settled().then(
      () => error,
      (firstFailure: unknown) => firstFailure,
    );
    await steps.run('ROLLBACK').catch((rollbackError: unknown) => {
      // The connection cannot say whether its transaction is over: it must not be used again.
      (connection as Disposable).__knex__disposed = rollbackError;
    });
    throw cause;
  }
}

function quiet(): void {
  return undefined;
}
