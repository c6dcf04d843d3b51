/** A cache in a directory of its own, ready to use, which takes the directory along when disposed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { openSqlCache } from '../open-sql-cache.ts';
import type { SqlCache } from '../sql-cache.ts';
import type { SqlCacheOptions } from '../sql-cache-options.ts';
import { tmpdir } from 'node:os';

/** A cache and its end. */
export interface TemporaryCache extends AsyncDisposable {
  /** The cache; `ready` has been called. */
  readonly cache: SqlCache;
  /** Its URL, for opening it a second time. */
  readonly url: string;
}

/** Opens an embedded cache. */
export async function openTemporaryCache(
  options: Partial<Omit<SqlCacheOptions, 'url' | 'schema'>> = {},
): Promise<TemporaryCache> {
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-cache-'));
  const url = `embedded:${directory}`;
  const clock = {
    nowMs: () => Date.now(),
    sleep: (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }),
  };
  const cache = await openSqlCache({ clock, ...options, url, schema: 'standalone' });
  await cache.ready();
  return {
    cache,
    url,
    [Symbol.asyncDispose]: async () => {
      await cache.close();
      await rm(directory, { recursive: true });
    },
  };
}
