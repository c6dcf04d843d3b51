/** A filesystem of a few megabytes that can be filled: a tmpfs, for which one must be root on Linux. */
import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, openSync, closeSync, writeSync, rmSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';

/** A mounted filesystem. */
export interface SmallFilesystem extends Disposable {
  /** Where it is mounted. */
  readonly path: string;
  /** Takes all the room there is, until the answer is disposed. */
  fill(): Disposable;
  /** Gives the mount point to the user that a server runs as. */
  giveTo(owner: { readonly uid: number; readonly gid: number }): void;
}

const chunk = Buffer.alloc(64 * 1024);
const page = 4096;

/** Whether this process may mount one. */
export const mayMount: boolean = canMount();

/** Mounts one of so many megabytes. */
export function mountSmallFilesystem(megabytes: number): SmallFilesystem {
  const path = mkdtempSync(join(tmpdir(), 'fairlead-small-'));
  mount(path, `size=${megabytes}m,mode=755`);
  return {
    path,
    fill: () => fill(join(path, 'filler')),
    giveTo: ({ uid, gid }) => chownSync(path, uid, gid),
    [Symbol.dispose]: () => unmount(path),
  };
}

function fill(path: string): Disposable {
  const file = openSync(path, 'w');
  for (const bytes of [chunk, chunk.subarray(0, page)]) writeUntilFull(file, bytes);
  closeSync(file);
  return { [Symbol.dispose]: () => rmSync(path) };
}

function writeUntilFull(file: number, bytes: Uint8Array): void {
  try {
    for (;;) if (writeSync(file, bytes) < bytes.byteLength) return;
  } catch (error: unknown) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const path = mkdtempSync(join(tmpdir(), 'fairlead-small-'));
  try {
    mount(path, 'size=64k');
    unmount(path);
    return true;
  } catch {
    // A container may have a root that must not mount: then the tests that need it are skipped.
    rmdirSync(path);
    return false;
  }
}

function mount(path: string, options: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'pipe' });
}

function unmount(path: string): void {
  execFileSync('umount', ['-l', path], { stdio: 'pipe' });
  rmdirSync(path);
}
