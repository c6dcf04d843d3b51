/** A server that speaks AWS's APIs, S3 and Secrets Manager among them: moto, from PyPI, with the machine's Python. */
import { join } from 'node:path';
import { cachedDirectory } from './cached-directory.ts';
import { startOnFreePort } from './free-port.ts';
import { startProgram, type ProgramHandle } from './program-server.ts';
import { findExecutable, runCommand } from './run-command.ts';
import type { StartOptions } from './start-options.ts';
import { TestbedError } from './testbed-error.ts';
import { cacheDirectory, type Environment } from './testbed-environment.ts';

/** A running server; it forgets everything when it ends, and takes any credentials. */
export interface AwsHandle extends AsyncDisposable {
  /** Such as `http://127.0.0.1:18211`, of all services. */
  readonly url: string;
  readonly program: ProgramHandle;
  /** Ends it. */
  stop(): Promise<void>;
}

/** The versions that go together; a change of any makes another folder of the cache. */
const packages = ['moto[s3,secretsmanager]==5.2.5', 'flask==3.1.3', 'flask-cors==6.0.5'];
const folderName = 'moto-5.2.5';

const hint =
  'Install Python 3.10 or newer with pip (Debian: apt-get install python3-pip), and let pip reach a package index.';

/**
 * The folder of the Python packages, fetched by pip if they are not in the cache (80 MB, half a minute).
 *
 * @throws TestbedError `unavailable` without Python, pip or a package index
 */
export async function findAws(options: StartOptions = {}): Promise<string> {
  const { environment = process.env, signal, onProgress } = options;
  const python = findPython(environment);
  const facts = 'import sys; print("%d.%d" % sys.version_info[:2])';
  const version = await runCommand(python, ['-c', facts], { failureCode: 'unavailable', hint });
  return cachedDirectory({
    path: join(cachePath(environment), `${folderName}-py${version.trim()}`),
    signal,
    fill: async (directory) => {
      onProgress?.('fetching moto from the Python package index');
      const target = ['--disable-pip-version-check', '--quiet', '--target', directory];
      const args = ['-m', 'pip', 'install', ...target, ...packages];
      await runCommand(python, args, { signal, failureCode: 'unavailable', hint });
    },
  });
}

/** True when it is in the cache, or could be fetched. */
export function mayHaveAws(environment: Environment): boolean {
  return findExecutable('python3', environment) !== undefined;
}

/**
 * Starts it; resolves when it answers, in a few seconds.
 *
 * @throws TestbedError `unavailable` or `startFailed`
 */
export async function startAws(options: StartOptions = {}): Promise<AwsHandle> {
  const folder = await findAws(options);
  const python = findPython(options.environment ?? process.env);
  return startOnFreePort(async (port) => {
    const url = `http://127.0.0.1:${String(port)}`;
    const program = await startProgram({
      ...options,
      name: 'aws',
      command: python,
      args: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
      env: { PYTHONPATH: folder },
      isReady: async () => (await fetch(`${url}/moto-api/data.json`)).ok,
    });
    return {
      ...{ url, program },
      stop: () => program.stop(),
      [Symbol.asyncDispose]: () => program.stop(),
    };
  });
}

function findPython(environment: Environment): string {
  const python = findExecutable('python3', environment);
  if (python !== undefined) return python;
  throw new TestbedError('unavailable', 'Python is not installed', { hint });
}

function cachePath(environment: Environment): string {
  return join(cacheDirectory(environment), 'aws');
}
