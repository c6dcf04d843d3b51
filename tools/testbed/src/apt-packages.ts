/** Debian's packages, installed when a server needs one, this process is root, and there is apt-get. */
import { join } from 'node:path';
import { withFileLock } from './file-lock.ts';
import { findExecutable, runCommand } from './run-command.ts';
import type { StartOptions } from './start-options.ts';
import { TestbedError } from './testbed-error.ts';
import { cacheDirectory, type Environment } from './testbed-environment.ts';

/** What to install, and why. */
export interface AptPackages {
  /** What they make, for messages: `MariaDB`. */
  readonly title: string;
  readonly packages: readonly string[];
  /** What a person can do instead. */
  readonly hint: string;
  /** Asked again once the lock is held: another process may have installed them meanwhile. */
  readonly isInstalled: () => Promise<boolean>;
}

/** True when {@link installWithApt} may work. */
export function mayInstallWithApt(environment: Environment): boolean {
  return process.getuid?.() === 0 && findExecutable('apt-get', environment) !== undefined;
}

/**
 * Installs packages, without what they only recommend.
 *
 * @throws TestbedError `unavailable`
 */
export async function installWithApt(wanted: AptPackages, options: StartOptions): Promise<void> {
  const { environment = process.env, onProgress, signal } = options;
  const { title, packages, hint } = wanted;
  const env = { ...environment, DEBIAN_FRONTEND: 'noninteractive' };
  const aptGet = (...args: string[]) =>
    runCommand('apt-get', args, { env, signal, failureCode: 'unavailable' });
  const installOnce = async () => {
    if (await wanted.isInstalled()) return;
    onProgress?.(`installing ${packages.join(' and ')} with apt-get`);
    await aptGet('update', '-q');
    await aptGet('install', '-y', '-q', '--no-install-recommends', ...packages);
  };
  try {
    await withFileLock(join(cacheDirectory(environment), 'apt-get.lock'), installOnce, { signal });
  } catch (cause: unknown) {
    signal?.throwIfAborted();
    const { detail } = TestbedError.from(cause, 'unavailable');
    const message = `${title} is not installed, and apt-get could not install it`;
    throw new TestbedError('unavailable', message, { cause, detail, hint });
  }
}
