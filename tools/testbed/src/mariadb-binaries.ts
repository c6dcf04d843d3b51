/**
 * MariaDB as programs: the machine's own, else Debian's packages when we may install them. Those
 * are the ones without a system service, so nothing is started or listens.
 */
import { dirname, join } from 'node:path';
import { realpathSync } from 'node:fs';
import { installWithApt, mayInstallWithApt } from './apt-packages.ts';
import { findExecutable, isExecutable, runCommand } from './run-command.ts';
import type { StartOptions } from './start-options.ts';
import { TestbedError } from './testbed-error.ts';
import type { Environment } from './testbed-environment.ts';

/** A MariaDB installation. */
export interface MariaDbBinaries {
  readonly server: string;
  /** The script that makes an empty data directory. */
  readonly installer: string;
  /** Such as `10.11.19`. */
  readonly version: string;
}

/** The server, and the client's core for `my_print_defaults`, which the installer calls. */
const packages = ['mariadb-server-core', 'mariadb-client-core'];

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
  if (mayInstallWithApt(environment)) {
    const isInstalled = async () => (await lookUp(environment)) !== undefined;
    await installWithApt({ title: 'MariaDB', packages, hint, isInstalled }, options);
  }
  const fresh = await lookUp(environment);
  if (fresh) return fresh;
  throw new TestbedError('unavailable', 'MariaDB is not installed', { hint });
}

/** True when MariaDB is there, or could be installed. */
export function mayHaveMariaDb(environment: Environment): boolean {
  return findServer(environment) !== undefined || mayInstallWithApt(environment);
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
