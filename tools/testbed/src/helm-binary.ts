/** Helm as a program, built by Go from the version that `helm/go.mod` pins. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildGoPrograms, mayHavePrograms } from './go-programs.ts';
import type { StartOptions } from './start-options.ts';
import type { Environment } from './testbed-environment.ts';

const cacheFolder = 'helm';

/**
 * The path of a Helm 3, built now if it is not in the cache (3 minutes on two cores). Never the
 * machine's own: which releases it reads and what it prints depends on its version.
 *
 * @throws TestbedError `unavailable` without Go or its module proxy, `buildFailed` when Go gives up
 */
export async function findHelm(options: StartOptions = {}): Promise<string> {
  const directory = await buildGoPrograms(
    {
      moduleDirectory: fileURLToPath(new URL('../helm', import.meta.url)),
      cacheFolder,
      packages: { helm: 'helm.sh/helm/v3/cmd/helm' },
      versionOf: (goMod) => /helm\.sh\/helm\/v3 (v[\d.]+)/.exec(goMod)?.[1] ?? 'v0.0.0',
      linkerFlags: (version) => `-s -w -X helm.sh/helm/v3/internal/version.version=${version}`,
    },
    options,
  );
  return join(directory, 'helm');
}

/** True when Helm is built, or could be. */
export function mayHaveHelm(environment: Environment): boolean {
  return mayHavePrograms({ cacheFolder }, environment);
}
