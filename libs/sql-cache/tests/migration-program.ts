/** Prepares the database of its argument: run by `migration-process.ts`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openSqlCache } from '../src/index.ts';

const cache = await openSqlCache({
  url: process.argv[2] ?? '',
  schema: 'standalone',
  clock: {
    nowMs: () => Date.now(),
    sleep: (ms, signal) => sleep(Math.min(ms, 20), undefined, { signal }),
  },
});
process.stdout.write('begins');
await cache.ready();
await cache.close();
