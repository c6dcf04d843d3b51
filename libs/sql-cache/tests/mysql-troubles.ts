/** A MariaDB of one's own, and what may befall it. */
import { cp, mkdir, rm, stat, symlink } from 'node:fs/promises';
import { chownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection, type Connection } from 'mysql2/promise';
import { startMariaDb } from '@fairlead/testbed';
import { mayMount, mountSmallFilesystem } from './small-filesystem.ts';
import { queryMysql } from './targets.ts';
import { contestedRow, done, until, type Trouble, type TroubledDatabase } from './troubles.ts';

type Row = Record<string, unknown>;

const megabytes = 192;

/** Starts it. */
export async function startTroubledMysql(): Promise<TroubledDatabase> {
  const settings = { max_connections: '20', 'symbolic-links': 'ON' };
  const server = await startMariaDb({ durability: 'unsafe', settings });
  const { url, name } = await server.createDatabase();
  const admin = await connect(url);
  const rival = await connect(url);
  const ask = async (sql: string, on = admin): Promise<Row[]> => (await on.query(sql))[0] as Row[];
  await ask(`CREATE USER plain IDENTIFIED BY 'plain'`);
  await ask(`GRANT ALL ON ${name}.* TO plain`);
  const small = mayMount
    ? await smallDatabase(await ask('SELECT @@datadir AS path'), name)
    : undefined;
  // What makes the rival the heavier of two in a deadlock: the lighter one is undone.
  await ask('CREATE TABLE ballast (id int PRIMARY KEY)');
  const plainUrl = new URL(url);
  [plainUrl.username, plainUrl.password] = ['plain', 'plain'];
  const sessions = async () =>
    (await ask(`SELECT id FROM information_schema.processlist WHERE user = 'plain'`)).map(
      ({ id }) => Number(id),
    );
  const kill = async (what: 'CONNECTION' | 'QUERY') => {
    for (const id of await sessions()) {
      // It may be gone by itself meanwhile.
      await ask(`KILL ${what} ${id}`).catch(() => undefined);
    }
  };
  const untilItWaits = () =>
    until(async () => {
      // Not innodb_trx: it is made anew only when nobody has asked for 100 ms.
      const [row] = await ask(`SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'`);
      return Number(row?.Value) > 0;
    });
  const holdRow = async () => {
    await ask('BEGIN', rival);
    await ask(
      `UPDATE cats_v1_pod SET last_updated = last_updated + 1 WHERE id LIKE '%${contestedRow}'`,
      rival,
    );
  };
  const letGo = async () => {
    await ask('ROLLBACK', rival);
  };

  const troubles: Trouble[] = [
    {
      name: 'a deadlock',
      reason: 'deadlock',
      begin: async () => {
        await holdRow();
        await ask(`INSERT INTO ballast SELECT seq FROM seq_1_to_5000`, rival);
        return {
          during: async () => {
            await untilItWaits();
            await ask(`SELECT epoch FROM fairlead_accounts FOR UPDATE`, rival);
          },
          end: letGo,
        };
      },
    },
    {
      name: 'a lock that is not given back',
      reason: 'lockTimeout',
      begin: async () => {
        await holdRow();
        return { end: letGo };
      },
    },
    {
      // READ COMMITTED meets none by itself.
      name: 'a serialization failure',
      reason: 'serializationFailure',
      begin: async () => {
        await ask(`CREATE TRIGGER fail BEFORE INSERT ON cats_v1_pod FOR EACH ROW
          SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1020, MESSAGE_TEXT = 'Record has changed'`);
        return { end: () => done(ask('DROP TRIGGER fail')) };
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
            await kill('QUERY');
          },
          end: letGo,
        };
      },
    },
    {
      name: 'no connection left',
      reason: 'tooManyConnections',
      begin: async () => {
        await kill('CONNECTION');
        await until(async () => (await sessions()).length === 0);
        const hogs = await hog(plainUrl.href);
        return { end: () => done(Promise.all(hogs.map((each) => each.end()))) };
      },
    },
    {
      name: 'a failover that leaves it read-only',
      reason: 'readOnly',
      begin: async () => {
        await ask('SET GLOBAL read_only = ON');
        return { end: () => done(ask('SET GLOBAL read_only = OFF')) };
      },
    },
    {
      name: 'sessions that the administrator ends',
      reason: 'connectionLost',
      begin: async () => {
        await holdRow();
        return {
          during: async () => {
            await untilItWaits();
            await kill('CONNECTION');
          },
          end: letGo,
        };
      },
    },
    {
      name: 'a full disk',
      reason: 'diskFull',
      // Servers have room in their files for a while.
      rowBytes: 400_000,
      begin: () => {
        const filler = small?.fill();
        return Promise.resolve({ end: () => Promise.resolve(filler?.[Symbol.dispose]()) });
      },
    },
    {
      name: 'a server that stops and starts',
      reason: 'connectionRefused',
      begin: async () => {
        for (const each of [admin, rival]) each.destroy();
        await server.kill('SIGKILL');
        return { end: () => server.start() };
      },
    },
  ];

  return {
    url: plainUrl.href,
    troubles,
    query: (sql) => queryMysql(url, sql),
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      small?.[Symbol.dispose]();
    },
  };
}

async function connect(uri: string): Promise<Connection> {
  const connection = await createConnection({ uri });
  // It ends with its server.
  connection.on('error', () => undefined);
  return connection;
}

/** Takes connections until there are none left. */
async function hog(uri: string): Promise<Connection[]> {
  const hogs: Connection[] = [];
  for (;;) {
    try {
      hogs.push(await connect(uri));
    } catch {
      // Refused: the last one has been taken.
      return hogs;
    }
  }
}

/** The database's folder moves to a disk of its own, so that the server itself survives. */
async function smallDatabase([row]: Row[], name: string) {
  const folder = join(String(row?.path), name);
  const owner = await stat(folder);
  const small = mountSmallFilesystem(megabytes);
  small.giveTo(owner);
  const moved = join(small.path, name);
  await mkdir(moved);
  await cp(folder, moved, { recursive: true });
  await rm(folder, { recursive: true });
  await symlink(moved, folder);
  for (const path of [moved, ...readdirSync(moved).map((file) => join(moved, file))]) {
    chownSync(path, owner.uid, owner.gid);
  }
  return small;
}
