/**
 * Folders in the cache that are expensive to fill and never change afterwards: built programs,
 * initialised data directories. Filled once, by one process, and visible only when complete.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { withFileLock, type FileLockOptions } from './file-lock.ts';
import type { UserIds } from './reaper-messages.ts';
import { runCommand } from './run-command.ts';

/** What the folder holds and how it comes to be. */
export interface CachedDirectoryOptions extends FileLockOptions {
  /** The folder's path; must change whenever its content would. */
  readonly path: string;
  /** Fills an empty folder beside it, which is then renamed. */
  readonly fill: (directory: string) => Promise<void>;
}

/** Returns `options.path`, filled by this call, by an earlier one, or by another process. */
export async function cachedDirectory(options: CachedDirectoryOptions): Promise<string> {
  const { path, fill } = options;
  if (existsSync(path)) return path;
  const fillOnce = async () => {
    if (existsSync(path)) return;
    await removePartials(path);
    const partial = await mkdtemp(`${path}.partial-`);
    try {
      await fill(partial);
      await rename(partial, path);
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  };
  await mkdir(dirname(path), { recursive: true });
  await withFileLock(`${path}.lock`, fillOnce, options);
  return path;
}

/**
 * Copies what is in a folder, modes included, and gives the copy to a user (undefined: the caller).
 * By cp(1), which takes a quarter of what Node's own copying takes for a thousand small files.
 */
export async function copyDirectory(
  from: string,
  to: string,
  owner: UserIds | undefined,
): Promise<void> {
  await mkdir(to, { recursive: true });
  await runCommand('cp', ['-R', '-p', `${from}/.`, to]);
  const root = process.getuid?.() === 0 ? { uid: 0, gid: 0 } : undefined;
  const newOwner = owner ?? root;
  if (newOwner) await giveDirectory(to, newOwner);
}

/** Makes a user the owner of a folder and everything in it. */
export async function giveDirectory(path: string, owner: UserIds): Promise<void> {
  await runCommand('chown', ['-R', `${String(owner.uid)}:${String(owner.gid)}`, path]);
}

/** What holders of the lock left behind when they were killed: nobody else writes there now. */
async function removePartials(path: string): Promise<void> {
  const prefix = `${basename(path)}.partial-`;
  for (const entry of await readdir(dirname(path))) {
    if (!entry.startsWith(prefix)) continue;
    await rm(join(dirname(path), entry), { recursive: true, force: true });
  }
}
