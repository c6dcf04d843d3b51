/** A real PostgreSQL on loopback. Start at `startPostgres`. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedDirectory, copyDirectory, giveDirectory } from './cached-directory.ts';
import { startOnFreePort } from './free-port.ts';
import { postgresAdministration } from './postgres-administration.ts';
import { findPostgres, type PostgresBinaries, type PostgresOrigin } from './postgres-binaries.ts';
import { releaseSharedMemory } from './postgres-shared-memory.ts';
import { startReaper, type Reaper } from './reaper-client.ts';
import type { Program, UserIds } from './reaper-messages.ts';
import { runCommand } from './run-command.ts';
import { chooseServerUser } from './server-user.ts';
import { startSqlHandle } from './sql-handle.ts';
import type { Durability, SqlServerHandle } from './sql-server.ts';
import { defaultReadyTimeoutMs, type StartOptions } from './start-options.ts';
import { cacheDirectory } from './testbed-environment.ts';

/** A PostgreSQL of one's own. */
export interface PostgresHandle extends SqlServerHandle {
  readonly dialect: 'postgres';
  /** Such as `15.18`. */
  readonly version: string;
}

/** How to start PostgreSQL. */
export interface PostgresOptions extends StartOptions {
  /** Server settings, such as `{ max_connections: '50' }`; they win. @defaultValue none */
  readonly settings?: Readonly<Record<string, string>>;
  /** @defaultValue 'safe': fsync as in production */
  readonly durability?: Durability;
  /** Which PostgreSQL to take. @defaultValue 'any' */
  readonly origin?: PostgresOrigin;
}

const administrator = 'fairlead';
/** The template's folder holds the cluster's files and the administrator's password. */
const dataFolder = 'data';
const passwordFile = 'password';

const unsafeSettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * Starts PostgreSQL on a free port with an empty cluster; resolves when it takes statements, in
 * about half a second (two the first time on a machine, which makes the template).
 *
 * @throws TestbedError `unavailable` or `startFailed`
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresHandle> {
  const found = await findPostgres(options);
  const user = chooseServerUser(['postgres']);
  return startOnFreePort(async (port) => {
    const reaper = await startReaper();
    try {
      const binaries = await reachableBy(user, found, reaper);
      const template = await makeTemplate(binaries, user, options);
      return await startInside(reaper, { ...options, port, binaries, user, template });
    } catch (error: unknown) {
      await reaper.end();
      throw error;
    }
  });
}

interface InsideOptions extends PostgresOptions {
  readonly port: number;
  readonly binaries: PostgresBinaries;
  readonly user: UserIds | undefined;
  readonly template: string;
}

async function startInside(reaper: Reaper, options: InsideOptions): Promise<PostgresHandle> {
  const { port, user, template, binaries, signal } = options;
  const dataDirectory = join(reaper.directory, 'postgres');
  await copyDirectory(join(template, dataFolder), dataDirectory, user);
  const password = await readFile(join(template, passwordFile), 'utf8');
  const address = `${administrator}:${password}@127.0.0.1:${String(port)}`;
  const handle = await startSqlHandle({
    administration: postgresAdministration,
    reaper,
    port,
    url: `postgres://${address}/postgres`,
    program: postgresProgram(reaper, dataDirectory, options),
    readyTimeoutMs: options.readyTimeoutMs ?? defaultReadyTimeoutMs,
    // "Fast" shutdown; SIGTERM would wait for the clients to leave.
    politeSignal: 'SIGINT',
    cleanUpAfterCrash: () => releaseSharedMemory(dataDirectory),
    signal,
  });
  return Object.assign(handle, { dialect: 'postgres' as const, version: binaries.version });
}

function postgresProgram(reaper: Reaper, dataDirectory: string, options: InsideOptions): Program {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    ...(options.durability === 'unsafe' ? unsafeSettings : {}),
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return {
    command: join(options.binaries.directory, 'postgres'),
    args: ['-D', dataDirectory, '-p', String(options.port), ...flags],
    env: { LC_ALL: 'C' },
    logPath: join(reaper.directory, 'postgres.log'),
    user: options.user,
    // "Immediate" shutdown: as quick as SIGKILL, but gives the shared memory back.
    endSignal: 'SIGQUIT',
  };
}

/** initdb takes a second; a copy of what it makes takes a tenth of that. */
async function makeTemplate(
  binaries: PostgresBinaries,
  user: UserIds | undefined,
  options: StartOptions,
): Promise<string> {
  const { environment = process.env, signal } = options;
  const name = `template-${binaries.origin}-${binaries.version}`;
  return cachedDirectory({
    path: join(cacheDirectory(environment), 'postgres', name),
    signal,
    fill: async (directory) => {
      // The server's user may not be able to reach the cache, so initdb runs beside it.
      await using reaper = await startReaper();
      const workDirectory = join(reaper.directory, 'initdb');
      const password = randomBytes(12).toString('hex');
      await mkdir(workDirectory);
      await writeFile(join(workDirectory, passwordFile), password, { mode: 0o600 });
      if (user) await giveDirectory(workDirectory, user);
      await runInitdb(workDirectory, binaries, { user, signal });
      await copyDirectory(workDirectory, directory, undefined);
    },
  });
}

async function runInitdb(
  workDirectory: string,
  binaries: PostgresBinaries,
  run: { readonly user: UserIds | undefined; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const args = [
    `--pgdata=${join(workDirectory, dataFolder)}`,
    `--pwfile=${join(workDirectory, passwordFile)}`,
    `--username=${administrator}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ];
  const env = { LC_ALL: 'C', PATH: process.env.PATH };
  await runCommand(join(binaries.directory, 'initdb'), args, { cwd: workDirectory, env, ...run });
}

/** Programs in root's cache are copied to where the server's user can run them. */
async function reachableBy(
  user: UserIds | undefined,
  binaries: PostgresBinaries,
  reaper: Reaper,
): Promise<PostgresBinaries> {
  if (!user || binaries.origin === 'system') return binaries;
  const copy = join(reaper.directory, 'programs');
  await copyDirectory(join(binaries.directory, '..'), copy, undefined);
  return { ...binaries, directory: join(copy, 'bin') };
}
