/**
 * The dialect that a URL asked for. Each is loaded when it is: a driver that is not used costs up to
 * 80 ms and 10 MiB.
 */
import type { Dialect } from './dialect.ts';
import type { ResolvedSqlCacheOptions } from './sql-cache-options.ts';

const openers: Readonly<
  Record<ResolvedSqlCacheOptions['dialect'], (options: ResolvedSqlCacheOptions) => Promise<Dialect>>
> = {
  postgres: async (options) =>
    (await import('./postgres/postgres-dialect.ts')).openPostgresDialect(options),
  mysql: async (options) => (await import('./mysql/mysql-dialect.ts')).openMysqlDialect(options),
  sqlite: async (options) =>
    (await import('./sqlite/sqlite-dialect.ts')).openSqliteDialect(options),
};

/** Opens it; nothing is connected yet. Rejects when its driver is missing. */
export async function openDialect(options: ResolvedSqlCacheOptions): Promise<Dialect> {
  return openers[options.dialect](options);
}
