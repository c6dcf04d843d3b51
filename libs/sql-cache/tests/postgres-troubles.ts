/** A PostgreSQL of one's own, and what may befall it. */
import { stat } from 'node:fs/promises';
import pg from 'pg';
import { startPostgres } from '@fairlead/testbed';
import { mayMount, mountSmallFilesystem } from './small-filesystem.ts';
import { queryPostgres } from './targets.ts';
import { contestedRow, done, until, type Trouble, type TroubledDatabase } from './troubles.ts';

type Row = Record<string, unknown>;

const megabytes = 64;

/** Starts it. */
export async function startTroubledPostgres(): Promise<TroubledDatabase> {
  const server = await startPostgres({
    durability: 'unsafe',
    // The victim of a deadlock is who has waited for so long: the rival never does.
    settings: { deadlock_timeout: '500ms', max_connections: '20' },
  });
  const { url, name } = await server.createDatabase();
  const admin = await connect(url);
  const rival = await connect(url);
  await rival.query(`SET deadlock_timeout = '1h'`);
  await admin.query(`CREATE ROLE plain LOGIN PASSWORD 'plain'`);
  await admin.query(`ALTER DATABASE ${name} OWNER TO plain`);
  const small = mayMount ? await smallTablespace(admin, name) : undefined;
  const plainUrl = new URL(url);
  [plainUrl.username, plainUrl.password] = ['plain', 'plain'];
  const ask = async (sql: string): Promise<Row[]> => (await admin.query<Row>(sql)).rows;
  const sessions = `FROM pg_stat_activity WHERE application_name = 'fairlead'`;
  const endSessions = () => ask(`SELECT pg_terminate_backend(pid) ${sessions}`);
  const untilItWaits = () =>
    until(async () => (await ask(`SELECT 1 ${sessions} AND wait_event_type = 'Lock'`)).length > 0);
  const holdRow = async () => {
    await rival.query('BEGIN');
    await rival.query(
      `UPDATE cats_v1_pod SET application = application WHERE id LIKE '%${contestedRow}'`,
    );
  };

  const troubles: Trouble[] = [
    {
      name: 'a deadlock',
      reason: 'deadlock',
      begin: async () => {
        await holdRow();
        return {
          during: async () => {
            await untilItWaits();
            await rival.query(`SELECT epoch FROM fairlead_accounts FOR UPDATE`);
          },
          end: () => done(rival.query('ROLLBACK')),
        };
      },
    },
    {
      name: 'a lock that is not given back',
      reason: 'lockTimeout',
      begin: async () => {
        await holdRow();
        return { end: () => done(rival.query('ROLLBACK')) };
      },
    },
    {
      // READ COMMITTED meets none by itself; partitions and standbys make some all the same.
      name: 'a serialization failure',
      reason: 'serializationFailure',
      begin: async () => {
        await ask(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001'; END $$`);
        await ask(`CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON cats_v1_pod
          FOR EACH STATEMENT EXECUTE PROCEDURE fail()`);
        return { end: () => done(ask('DROP FUNCTION fail CASCADE')) };
      },
    },
    {
      name: 'a statement that is cancelled',
      reason: 'queryCancelled',
      begin: async () => {
        await holdRow();
        return {
          during: async () => {
            await untilItWaits();
            await ask(`SELECT pg_cancel_backend(pid) ${sessions} AND wait_event_type = 'Lock'`);
          },
          end: () => done(rival.query('ROLLBACK')),
        };
      },
    },
    {
      name: 'no connection left',
      reason: 'tooManyConnections',
      begin: async () => {
        await endSessions();
        const hogs = await hog(url);
        return { end: () => done(Promise.all(hogs.map((each) => each.end()))) };
      },
    },
    {
      name: 'a failover that leaves it read-only',
      reason: 'readOnly',
      begin: async () => {
        await ask(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
        await endSessions();
        return {
          end: () => done(ask(`ALTER DATABASE ${name} RESET default_transaction_read_only`)),
        };
      },
    },
    {
      name: 'sessions that the administrator ends',
      reason: 'serverShutdown',
      begin: async () => {
        await holdRow();
        return {
          during: async () => {
            await untilItWaits();
            await endSessions();
          },
          end: () => done(rival.query('ROLLBACK')),
        };
      },
    },
    {
      name: 'a full disk',
      reason: 'diskFull',
      // Servers have room in their files for a while.
      rowBytes: 120_000,
      begin: () => {
        const filler = small?.fill();
        return Promise.resolve({ end: () => Promise.resolve(filler?.[Symbol.dispose]()) });
      },
    },
    {
      name: 'a server that stops and starts',
      reason: 'connectionRefused',
      begin: async () => {
        for (const each of [admin, rival]) await each.end();
        await server.kill('SIGKILL');
        return { end: () => server.start() };
      },
    },
  ];

  return {
    url: plainUrl.href,
    troubles,
    query: (sql) => queryPostgres(url, sql),
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      small?.[Symbol.dispose]();
    },
  };
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  // It ends with its server.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Takes connections until there are none left. */
async function hog(url: string): Promise<pg.Client[]> {
  const hogs: pg.Client[] = [];
  for (;;) {
    try {
      hogs.push(await connect(url));
    } catch {
      // Refused: the last one has been taken.
      return hogs;
    }
  }
}

/** New tables of the database lie on a disk of their own, so that the server itself survives. */
async function smallTablespace(admin: pg.Client, database: string) {
  const small = mountSmallFilesystem(megabytes);
  const [row] = (await admin.query<{ data_directory: string }>('SHOW data_directory')).rows;
  small.giveTo(await stat(row?.data_directory ?? ''));
  await admin.query(`CREATE TABLESPACE small LOCATION '${small.path}'`);
  await admin.query(`GRANT CREATE ON TABLESPACE small TO PUBLIC`);
  await admin.query(`ALTER DATABASE ${database} SET default_tablespace = small`);
  return small;
}
