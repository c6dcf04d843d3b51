/** PostgreSQL and MariaDB, really started, used, killed, paused and removed. */
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import {
  isUnavailable,
  startMariaDb,
  startPostgres,
  TestbedError,
  type SqlServerHandle,
} from '../src/index.ts';
import { isProcessAlive } from '../src/process-tree.ts';

const installTimeoutMs = 10 * 60_000;

interface Dialect {
  readonly name: 'postgres' | 'mariadb';
  readonly start: (settings: Record<string, string>) => Promise<SqlServerHandle>;
  /** Runs one statement on a connection of its own; the first column of the first row, as text. */
  readonly ask: (url: string, statement: string) => Promise<string>;
  readonly showMaxConnections: string;
}

const dialects: readonly Dialect[] = [
  {
    name: 'postgres',
    start: (settings) => startPostgres({ settings }),
    ask: askPostgres,
    showMaxConnections: 'SHOW max_connections',
  },
  {
    name: 'mariadb',
    start: (settings) => startMariaDb({ settings }),
    ask: askMariaDb,
    showMaxConnections: 'SELECT @@max_connections',
  },
];

async function askPostgres(connectionString: string, statement: string): Promise<string> {
  const client = new Client({ connectionString, query_timeout: 1_000 });
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: statement, rowMode: 'array' });
    return String(rows[0]?.[0]);
  } finally {
    void client.end();
  }
}

async function askMariaDb(uri: string, statement: string): Promise<string> {
  const connection = await createConnection({ uri, rowsAsArray: true, connectTimeout: 1_000 });
  try {
    const [rows] = await connection.query(statement);
    return String((rows as unknown[][])[0]?.[0]);
  } finally {
    connection.destroy();
  }
}

for (const { name, start, ask, showMaxConnections } of dialects) {
  (isUnavailable(name) ? describe.skip : describe)(name, () => {
    let server: SqlServerHandle;
    beforeAll(async () => {
      server = await start({ max_connections: '23' });
    }, installTimeoutMs);
    afterAll(() => server.stop());

    it('applies extra settings', async () => {
      await expect(ask(server.url, showMaxConnections)).resolves.toBe('23');
    });

    it('gives each caller an empty database, which drop removes', async () => {
      const first = await server.createDatabase();
      const second = await server.createDatabase('chosen_name');
      await ask(first.url, 'CREATE TABLE t (id int)');

      await expect(ask(second.url, 'SELECT * FROM t')).rejects.toThrow();
      expect(second.name).toBe('chosen_name');
      await first.drop();
      await second.drop();
      await expect(ask(first.url, 'SELECT 1')).rejects.toThrow();
    });

    it('refuses a database name that would need quoting', async () => {
      const refusal = server.createDatabase('a"b');

      await expect(refusal).rejects.toMatchObject({ code: 'requestFailed' });
    });

    it('keeps committed rows and its port over SIGKILL and start', async () => {
      await using database = await server.createDatabase();
      await ask(database.url, 'CREATE TABLE kept (id int)');
      await ask(database.url, 'INSERT INTO kept VALUES (42)');
      const pid = server.pid!;

      await server.kill('SIGKILL');
      const isAliveAfterKill = isProcessAlive(pid);
      await server.start();

      expect(isAliveAfterKill).toBe(false);
      await expect(ask(database.url, 'SELECT id FROM kept')).resolves.toBe('42');
    });

    it('has another process after restart', async () => {
      const pid = server.pid;

      await server.restart();

      expect(server.pid).not.toBe(pid);
      await expect(ask(server.url, 'SELECT 1')).resolves.toBe('1');
    });

    it('answers nothing while paused, and goes on after resume', async () => {
      await server.pause();
      const whilePaused = ask(server.url, 'SELECT 1').then(
        () => 'answered',
        () => 'gave up',
      );
      const limit = AbortSignal.timeout(1_500);
      const silence = new Promise((resolve) => {
        limit.addEventListener('abort', () => {
          resolve('silent');
        });
      });
      const first = await Promise.race([whilePaused, silence]);
      await server.resume();

      expect(first).not.toBe('answered');
      await expect(ask(server.url, 'SELECT 1')).resolves.toBe('1');
    });

    it('says so when it is started twice', async () => {
      await expect(server.start()).rejects.toBeInstanceOf(TestbedError);
    });

    it('shows the log when it cannot start', async () => {
      const failure = start({ no_such_setting: '1' });

      await expect(failure).rejects.toMatchObject({
        code: 'startFailed',
        detail: expect.stringContaining('no_such_setting') as string,
      });
    });
  });
}
