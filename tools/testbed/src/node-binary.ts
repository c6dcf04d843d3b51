/** The oldest Node.js that the libs promise to run on, as a program: an npm package holds it. */
import { join } from 'node:path';
import { cachedDirectory } from './cached-directory.ts';
import { findExecutable, runCommand } from './run-command.ts';
import type { StartOptions } from './start-options.ts';
import { TestbedError } from './testbed-error.ts';
import { cacheDirectory, type Environment } from './testbed-environment.ts';

/** Exact, and the lower end of `engines.node` of every lib: 22.15 brought zstd to `node:zlib`. */
const oldestNode = '22.15.0';

/**
 * The path of a Node.js 22.15.0, fetched now if it is not in the cache (40 MB).
 *
 * @throws TestbedError `unavailable` when it cannot be fetched
 */
export async function findOldestNode(options: StartOptions = {}): Promise<string> {
  const { environment = process.env, signal, onProgress } = options;
  const name = `node-${process.platform}-${process.arch}`;
  const directory = await cachedDirectory({
    path: join(cacheDirectory(environment), 'node', oldestNode),
    signal,
    fill: async (partial) => {
      onProgress?.(`fetching Node.js from npm: ${name}@${oldestNode}`);
      await fetchNode(partial, `${name}@${oldestNode}`, options);
    },
  });
  return join(directory, 'node_modules', name, 'bin', 'node');
}

async function fetchNode(
  directory: string,
  spec: string,
  { environment, signal }: StartOptions,
): Promise<void> {
  const npm = ['install', '--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit'];
  const env = { ...(environment ?? process.env), NODE_OPTIONS: undefined };
  try {
    await runCommand('npm', [...npm, '--prefix', directory, spec], { cwd: directory, env, signal });
  } catch (cause: unknown) {
    signal?.throwIfAborted();
    const { detail } = TestbedError.from(cause, 'unavailable');
    const hint = 'It comes from the registry that npm is configured with.';
    throw new TestbedError('unavailable', `${spec} could not be fetched`, { cause, detail, hint });
  }
}

/** True when npm could fetch it. */
export function mayHaveOldestNode(environment: Environment): boolean {
  return findExecutable('npm', environment) !== undefined;
}
