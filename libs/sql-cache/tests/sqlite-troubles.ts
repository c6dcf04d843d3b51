/** An embedded database, and what may befall it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mayMount, mountSmallFilesystem } from './small-filesystem.ts';
import type { Trouble, TroubledDatabase } from './troubles.ts';

const megabytes = 8;

/** Makes it, on a disk of its own if there may be one. */
export async function startTroubledSqlite(): Promise<TroubledDatabase> {
  const small = mayMount ? mountSmallFilesystem(megabytes) : undefined;
  const directory = small?.path ?? (await mkdtemp(join(tmpdir(), 'fairlead-cache-')));
  const open = () => new DatabaseSync(join(directory, 'fairlead.sqlite'), { timeout: 5000 });
  const rival = open();
  rival.exec('PRAGMA journal_mode = WAL');

  const troubles: Trouble[] = [
    {
      name: 'another process that writes',
      reason: 'busy',
      begin: () => {
        rival.exec('BEGIN IMMEDIATE');
        const end = () => {
          rival.exec('ROLLBACK');
          return Promise.resolve();
        };
        return Promise.resolve({ end });
      },
    },
    {
      name: 'a full disk',
      reason: 'diskFull',
      begin: () => {
        const filler = small?.fill();
        return Promise.resolve({ end: () => Promise.resolve(filler?.[Symbol.dispose]()) });
      },
    },
  ];
  return {
    url: `embedded:${directory}`,
    troubles,
    query: (sql) => Promise.resolve(rival.prepare(sql).all()),
    [Symbol.asyncDispose]: async () => {
      rival.close();
      if (small === undefined) await rm(directory, { recursive: true });
      else small[Symbol.dispose]();
    },
  };
}
