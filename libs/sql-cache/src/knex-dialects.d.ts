/** The part of knex that its own types leave out: the dialect that node:sqlite is fitted into. */
declare module 'knex/lib/dialects/better-sqlite3/index.js' {
  import type { Knex } from 'knex';

  class BetterSqlite3Client extends Knex.Client {
    /** Binds `obj.bindings` to `obj.sql` and leaves the outcome in `obj.response`. */
    _query(connection: unknown, obj: unknown): Promise<unknown>;
  }
  export = BetterSqlite3Client;
}
