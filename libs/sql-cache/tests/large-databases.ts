/** Databases for a million rows: servers of their own, which fill fast and count only when asked. */
import { startMariaDb, startPostgres, type SqlServerHandle } from '@fairlead/testbed';
import { queryMysql, queryPostgres, targets, type Target, type TestDatabase } from './targets.ts';

/** No statistics of their own accord: the tests look at plans before and after. */
const postgresSettings = {
  autovacuum: 'off',
  checkpoint_timeout: '1h',
  maintenance_work_mem: '256MB',
  max_wal_senders: '0',
  max_wal_size: '8GB',
  shared_buffers: '512MB',
  wal_level: 'minimal',
};

const mariaDbSettings = {
  innodb_buffer_pool_size: '1G',
  innodb_log_file_size: '512M',
  innodb_sort_buffer_size: '64M',
  innodb_stats_auto_recalc: 'OFF',
};

/** Starts one. */
export async function startLargeDatabase(name: Target['name']): Promise<TestDatabase> {
  const durability = 'unsafe';
  if (name === 'postgres') {
    const server = await startPostgres({ durability, settings: postgresSettings });
    return databaseOn(server, queryPostgres);
  }
  if (name === 'mysql') {
    return databaseOn(await startMariaDb({ durability, settings: mariaDbSettings }), queryMysql);
  }
  const embedded = targets.find((target) => target.name === name);
  if (embedded === undefined) throw new Error(`there is no ${name}`);
  return embedded.create();
}

async function databaseOn(
  server: SqlServerHandle,
  query: (url: string, sql: string) => Promise<Record<string, unknown>[]>,
): Promise<TestDatabase> {
  const { url } = await server.createDatabase();
  return {
    url,
    query: (sql) => query(url, sql),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}
