/** A real MariaDB on loopback. Start at `startMariaDb`. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedDirectory, copyDirectory, giveDirectory } from './cached-directory.ts';
import { startOnFreePort } from './free-port.ts';
import { mariaDbAdministration } from './mariadb-administration.ts';
import { findMariaDb, type MariaDbBinaries } from './mariadb-binaries.ts';
import { startReaper, type Reaper } from './reaper-client.ts';
import type { Program, UserIds } from './reaper-messages.ts';
import { runCommand } from './run-command.ts';
import { chooseServerUser } from './server-user.ts';
import { startSqlHandle } from './sql-handle.ts';
import type { Durability, SqlServerHandle } from './sql-server.ts';
import { defaultReadyTimeoutMs, type StartOptions } from './start-options.ts';
import { cacheDirectory } from './testbed-environment.ts';

/** A MariaDB of one's own. */
export interface MariaDbHandle extends SqlServerHandle {
  readonly dialect: 'mariadb';
  /** Such as `10.11.19`. */
  readonly version: string;
}

/** How to start MariaDB. */
export interface MariaDbOptions extends StartOptions {
  /** Server settings, such as `{ max_connections: '50' }`; they win. @defaultValue none */
  readonly settings?: Readonly<Record<string, string>>;
  /** @defaultValue 'safe': the redo log is flushed at each commit, as in production */
  readonly durability?: Durability;
}

const administrator = 'fairlead';
/** Small files to create and copy; must be the same for the template and the server. */
const innodbLog = '--innodb-log-file-size=32M';

const unsafeSettings = { innodb_flush_log_at_trx_commit: '0', innodb_flush_method: 'nosync' };

/**
 * Starts MariaDB on a free port with no databases of its users; resolves when it takes statements,
 * in about a second.
 *
 * @throws TestbedError `unavailable` or `startFailed`
 */
export async function startMariaDb(options: MariaDbOptions = {}): Promise<MariaDbHandle> {
  const binaries = await findMariaDb(options);
  const user = chooseServerUser(['mysql']);
  const template = await makeTemplate(binaries, user, options);
  return startOnFreePort(async (port) => {
    const reaper = await startReaper();
    try {
      return await startInside(reaper, { ...options, port, binaries, user, template });
    } catch (error: unknown) {
      await reaper.end();
      throw error;
    }
  });
}

interface InsideOptions extends MariaDbOptions {
  readonly port: number;
  readonly binaries: MariaDbBinaries;
  readonly user: UserIds | undefined;
  readonly template: string;
}

async function startInside(reaper: Reaper, options: InsideOptions): Promise<MariaDbHandle> {
  const { port, user, template, binaries, signal } = options;
  const home = join(reaper.directory, 'mariadb');
  const password = randomBytes(12).toString('hex');
  await mkdir(home);
  await copyDirectory(template, join(home, 'data'), undefined);
  await writeFile(join(home, 'init.sql'), initStatements(password), { mode: 0o600 });
  if (user) await giveDirectory(home, user);
  const handle = await startSqlHandle({
    administration: mariaDbAdministration,
    reaper,
    port,
    url: `mysql://${administrator}:${password}@127.0.0.1:${String(port)}/mysql`,
    program: mariaDbProgram(reaper, home, options),
    readyTimeoutMs: options.readyTimeoutMs ?? defaultReadyTimeoutMs,
    politeSignal: 'SIGTERM',
    signal,
  });
  return Object.assign(handle, { dialect: 'mariadb' as const, version: binaries.version });
}

function mariaDbProgram(reaper: Reaper, home: string, options: InsideOptions): Program {
  const settings = {
    datadir: join(home, 'data'),
    socket: join(home, 'mariadb.sock'),
    pid_file: join(home, 'mariadb.pid'),
    init_file: join(home, 'init.sql'),
    bind_address: '127.0.0.1',
    port: String(options.port),
    skip_name_resolve: 'ON',
    character_set_server: 'utf8mb4',
    ...(options.durability === 'unsafe' ? unsafeSettings : {}),
    ...options.settings,
  };
  const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  return {
    command: options.binaries.server,
    // No file of the machine's own server may be read: it names another data directory.
    args: ['--no-defaults', innodbLog, ...flags],
    env: {},
    logPath: join(reaper.directory, 'mariadb.log'),
    user: options.user,
    endSignal: 'SIGKILL',
  };
}

/** Run at each start before anybody can connect: one statement a line. */
function initStatements(password: string): string {
  const user = `'${administrator}'@'127.0.0.1'`;
  return [
    `CREATE USER IF NOT EXISTS ${user} IDENTIFIED BY '${password}';`,
    `GRANT ALL ON *.* TO ${user} WITH GRANT OPTION;`,
    "ALTER USER 'root'@'localhost' ACCOUNT LOCK;",
    '',
  ].join('\n');
}

async function makeTemplate(
  binaries: MariaDbBinaries,
  user: UserIds | undefined,
  options: StartOptions,
): Promise<string> {
  const { environment = process.env, signal } = options;
  return cachedDirectory({
    path: join(cacheDirectory(environment), 'mariadb', `template-${binaries.version}`),
    signal,
    fill: async (directory) => {
      // The server's user may not be able to reach the cache, so the installer runs beside it.
      await using reaper = await startReaper();
      const workDirectory = join(reaper.directory, 'install');
      await mkdir(workDirectory);
      if (user) await giveDirectory(workDirectory, user);
      const args = [
        '--no-defaults',
        `--datadir=${workDirectory}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
        innodbLog,
      ];
      await runCommand(binaries.installer, args, { cwd: workDirectory, user, signal });
      await copyDirectory(workDirectory, directory, undefined);
    },
  });
}
