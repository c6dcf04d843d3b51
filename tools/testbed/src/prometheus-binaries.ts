/**
 * Prometheus and promtool as programs: the machine's own, else those of Debian's package, which is
 * fetched and unpacked into the cache and not installed: nothing is started, and root is not needed.
 */
import { rm } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cachedDirectory } from './cached-directory.ts';
import { findExecutable, isExecutable, runCommand } from './run-command.ts';
import type { StartOptions } from './start-options.ts';
import { TestbedError } from './testbed-error.ts';
import { cacheDirectory, type Environment } from './testbed-environment.ts';

/** A Prometheus installation. */
export interface PrometheusBinaries {
  readonly server: string;
  /** Checks configurations and rules, and runs rules' unit tests. */
  readonly promtool: string;
}

const packageName = 'prometheus';
const hint =
  'Install Prometheus (Debian: apt-get install prometheus; macOS: brew install prometheus).';

/**
 * Finds, or fetches, Prometheus (19 MB).
 *
 * @throws TestbedError `unavailable`
 */
export async function findPrometheus(options: StartOptions = {}): Promise<PrometheusBinaries> {
  const { environment = process.env } = options;
  const own = findOwn(environment);
  if (own !== undefined) return own;
  if (!mayFetch(environment)) {
    throw new TestbedError('unavailable', 'Prometheus is not installed', { hint });
  }
  const unpacked = await cachedDirectory({
    path: cachePath(environment),
    signal: options.signal,
    fill: (directory) => fetchPackage(directory, options),
  });
  return binariesIn(join(unpacked, 'usr', 'bin'));
}

/** True when Prometheus is there, or could be fetched. */
export function mayHavePrometheus(environment: Environment): boolean {
  return (
    findOwn(environment) !== undefined ||
    existsSync(cachePath(environment)) ||
    mayFetch(environment)
  );
}

function cachePath(environment: Environment): string {
  return join(cacheDirectory(environment), 'prometheus', 'debian');
}

function binariesIn(directory: string): PrometheusBinaries {
  return { server: join(directory, 'prometheus'), promtool: join(directory, 'promtool') };
}

function findOwn(environment: Environment): PrometheusBinaries | undefined {
  const server = findExecutable('prometheus', environment);
  const promtool = findExecutable('promtool', environment);
  return server !== undefined && promtool !== undefined ? { server, promtool } : undefined;
}

function mayFetch(environment: Environment): boolean {
  return ['apt-get', 'dpkg-deb'].every((name) => findExecutable(name, environment) !== undefined);
}

async function fetchPackage(directory: string, options: StartOptions): Promise<void> {
  const { environment: env = process.env, signal, onProgress } = options;
  const run = (command: string, ...args: string[]) =>
    runCommand(command, args, { env, signal, cwd: directory, failureCode: 'unavailable', hint });
  onProgress?.(`fetching Debian's package ${packageName}`);
  try {
    await run('apt-get', 'download', '-q', packageName);
  } catch {
    // The lists of packages may be old or not there; if they are not to blame, it fails again.
    signal?.throwIfAborted();
    await run('apt-get', 'update', '-q');
    await run('apt-get', 'download', '-q', packageName);
  }
  const archive = readdirSync(directory).find((name) => name.endsWith('.deb')) ?? '';
  await run('dpkg-deb', '-x', archive, '.');
  await rm(join(directory, archive));
  if (!Object.values(binariesIn(join(directory, 'usr', 'bin'))).every(isExecutable)) {
    throw new TestbedError('unavailable', `package ${packageName} holds no Prometheus`, { hint });
  }
}
