/**
 * MariaDB as programs: the machine's own, else Debian's packages when we may install them. Those
 * are the ones without a system service, so nothing is started or listens.
 */
import { dirname, join } from 'node:path';
import { realpathSync } from 'node:fs';
import { withFileLock } from './file-lock.ts';
import { findExecutable, isExecutable, runCommand } from './run-command.ts';
import type { StartOptions } from './start-options.ts';
import { TestbedError } from './testbed-error.ts';
import { cacheDirectory, type Environment } from './testbed-environment.ts';

/** A MariaDB installation. */
export interface MariaDbBinaries {
  readonly server: string;
  /** The script that makes an empty data directory. */
  readonly installer: string;
  /** Such as `10.11.19`. */
  readonly version: string;
}

/** The server, and the client's core for `my_print_defaults`, which the installer calls. */
const debianPackages = ['mariadb-server-core', 'mariadb-client-core'];

const hint =
  'Install MariaDB (Debian: apt-get install mariadb-server-core mariadb-client-core; ' +
  'macOS: brew install mariadb).';

/**
 * Finds MariaDB, or installs it when this process is root and has apt-get.
 *
 * @throws TestbedError `unavailable`
 */
export async function findMariaDb(options: StartOptions = {}): Promise<MariaDbBinaries> {
  const { environment = process.env } = options;
  const installed = await lookUp(environment);
  if (installed) return installed;
  if (mayInstall(environment)) await install(options);
  const fresh = await lookUp(environment);
  if (fresh) return fresh;
  throw new TestbedError('unavailable', 'MariaDB is not installed', { hint });
}

/** True when MariaDB is there, or could be installed. */
export function mayHaveMariaDb(environment: Environment): boolean {
  return findServer(environment) !== undefined || mayInstall(environment);
}

async function lookUp(environment: Environment): Promise<MariaDbBinaries | undefined> {
  const server = findServer(environment);
  const installer = server && findInstaller(server, environment);
  if (!server || !installer) return undefined;
  const output = await runCommand(server, ['--version']);
  const version = /(\d+\.\d+\.\d+)-MariaDB/.exec(output)?.[1];
  // An Oracle MySQL has another installer and other flags.
  return version ? { server, installer, version } : undefined;
}

function findServer(environment: Environment): string | undefined {
  return findExecutable('mariadbd', environment) ?? findExecutable('mysqld', environment);
}

function findInstaller(server: string, environment: Environment): string | undefined {
  const names = ['mariadb-install-db', 'mysql_install_db'];
  const beside = join(dirname(realpathSync(server)), '../bin');
  return (
    names.map((name) => findExecutable(name, environment)).find((path) => path !== undefined) ??
    names.map((name) => join(beside, name)).find(isExecutable)
  );
}

function mayInstall(environment: Environment): boolean {
  return process.getuid?.() === 0 && findExecutable('apt-get', environment) !== undefined;
}

async function install(options: StartOptions): Promise<void> {
  const { environment = process.env, onProgress, signal } = options;
  const env = { ...environment, DEBIAN_FRONTEND: 'noninteractive' };
  const aptGet = (...args: string[]) =>
    runCommand('apt-get', args, { env, signal, failureCode: 'unavailable' });
  const installOnce = async () => {
    if (await lookUp(environment)) return;
    onProgress?.(`installing ${debianPackages.join(' and ')} with apt-get`);
    await aptGet('update', '-q');
    await aptGet('install', '-y', '-q', '--no-install-recommends', ...debianPackages);
  };
  try {
    await withFileLock(join(cacheDirectory(environment), 'apt-get.lock'), installOnce, { signal });
  } catch (cause: unknown) {
    signal?.throwIfAborted();
    const { detail } = TestbedError.from(cause, 'unavailable');
    const message = 'MariaDB is not installed, and apt-get could not install it';
    throw new TestbedError('unavailable', message, { cause, detail, hint });
  }
}
