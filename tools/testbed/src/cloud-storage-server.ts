/** A server that speaks Google Cloud Storage's JSON API, built by Go from `gcs/go.mod`: fake-gcs-server. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startOnFreePort } from './free-port.ts';
import { buildGoPrograms, mayHavePrograms } from './go-programs.ts';
import { startProgram, type ProgramHandle } from './program-server.ts';
import type { StartOptions } from './start-options.ts';
import type { Environment } from './testbed-environment.ts';

/** A running server; it forgets everything when it ends, and asks nobody who they are. */
export interface CloudStorageHandle extends AsyncDisposable {
  /** Such as `http://127.0.0.1:18211`. */
  readonly url: string;
  readonly program: ProgramHandle;
  /** Ends it. */
  stop(): Promise<void>;
}

const cacheFolder = 'gcs';

/**
 * The path of the program, built now if it is not in the cache (1 minute on two cores).
 *
 * @throws TestbedError `unavailable` without Go or its module proxy, `buildFailed` when Go gives up
 */
export async function findCloudStorage(options: StartOptions = {}): Promise<string> {
  const directory = await buildGoPrograms(
    {
      moduleDirectory: fileURLToPath(new URL('../gcs', import.meta.url)),
      cacheFolder,
      packages: { 'fake-gcs-server': 'github.com/fsouza/fake-gcs-server' },
      versionOf: (goMod) => /fsouza\/fake-gcs-server (v[\d.]+)/.exec(goMod)?.[1] ?? 'v0.0.0',
      linkerFlags: () => '-s -w',
    },
    options,
  );
  return join(directory, 'fake-gcs-server');
}

/** True when it is built, or could be. */
export function mayHaveCloudStorage(environment: Environment): boolean {
  return mayHavePrograms({ cacheFolder }, environment);
}

/**
 * Starts it; resolves when it answers, in a moment.
 *
 * @throws TestbedError `unavailable`, `buildFailed` or `startFailed`
 */
export async function startCloudStorage(options: StartOptions = {}): Promise<CloudStorageHandle> {
  const command = await findCloudStorage(options);
  return startOnFreePort(async (port) => {
    const url = `http://127.0.0.1:${String(port)}`;
    const program = await startProgram({
      ...options,
      name: 'gcs',
      command,
      args: ['-backend', 'memory', '-scheme', 'http', '-host', '127.0.0.1', '-port', String(port)],
      isReady: async () => (await fetch(`${url}/_internal/healthcheck`)).ok,
    });
    return {
      ...{ url, program },
      stop: () => program.stop(),
      [Symbol.asyncDispose]: () => program.stop(),
    };
  });
}
