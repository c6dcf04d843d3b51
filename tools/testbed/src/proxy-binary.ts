/** Caddy, an HTTP/2 proxy that ends TLS in front of gRPC, built by Go from the version in `proxy/go.mod`. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildGoPrograms, mayHavePrograms } from './go-programs.ts';
import type { StartOptions } from './start-options.ts';
import type { Environment } from './testbed-environment.ts';

const cacheFolder = 'proxy';

/**
 * The path of Caddy, built now if it is not in the cache (2 minutes on two cores).
 *
 * @throws TestbedError `unavailable` without Go or its module proxy, `buildFailed` when Go gives up
 */
export async function findProxy(options: StartOptions = {}): Promise<string> {
  const directory = await buildGoPrograms(
    {
      moduleDirectory: fileURLToPath(new URL('../proxy', import.meta.url)),
      cacheFolder,
      packages: { caddy: 'github.com/caddyserver/caddy/v2/cmd/caddy' },
      versionOf: (goMod) => /caddyserver\/caddy\/v2 (v[\d.]+)/.exec(goMod)?.[1] ?? 'v0.0.0',
      linkerFlags: () => '-s -w',
    },
    options,
  );
  return join(directory, 'caddy');
}

/** True when Caddy is built, or could be. */
export function mayHaveProxy(environment: Environment): boolean {
  return mayHavePrograms({ cacheFolder }, environment);
}
