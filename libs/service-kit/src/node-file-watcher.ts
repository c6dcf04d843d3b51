/**
 * Tells when the content of any of some files has changed, however it was changed: written in
 * place, renamed into place, or swapped by a ConfigMap's `..data` link. The directories are
 * watched, not the files (a watched inode would be the old one after a rename), and contents are
 * compared, so touching a file is no change. A slow poll covers file systems without notifications.
 */
import { createHash } from 'node:crypto';
import { watch, type FSWatcher } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Options of {@link watchFiles}. */
export interface WatchFilesOptions {
  /** Paths; they need not exist yet. */
  readonly files: readonly string[];
  /** Called after contents changed, never twice at once; a rejection is given to `onError`. */
  readonly onChange: () => Promise<void> | void;
  /** Faults of watching or of `onChange`. @defaultValue ignored: the poll goes on */
  readonly onError?: (error: unknown) => void;
  /** Quiet time in milliseconds after the last notification. @defaultValue 200 */
  readonly debounceMs?: number;
  /** Period of the poll in milliseconds. @defaultValue 5000 */
  readonly pollMs?: number;
}

/** A running watch. */
export interface FileWatch {
  /** Compares now, and calls `onChange` if anything changed. */
  check(): Promise<void>;
  /** Ends it; a running `onChange` is awaited. */
  close(): Promise<void>;
}

/** Starts watching; what the files hold at this moment is "unchanged". */
export async function watchFiles(options: WatchFilesOptions): Promise<FileWatch> {
  const { files, debounceMs = 200, pollMs = 5_000 } = options;
  const report = options.onError ?? ((): void => undefined);
  let known = await fingerprint(files);
  let running: Promise<void> = Promise.resolve();
  let debounce: NodeJS.Timeout | undefined;
  const watchers = new Map<string, FSWatcher>();

  const compare = async (): Promise<void> => {
    await watchDirectories(watchers, files, schedule);
    const seen = await fingerprint(files);
    if (seen === known) return;
    known = seen;
    await options.onChange();
  };
  const check = (): Promise<void> => {
    running = running.then(compare).catch(report);
    return running;
  };
  function schedule(): void {
    clearTimeout(debounce);
    debounce = setTimeout(() => void check(), debounceMs);
  }
  await watchDirectories(watchers, files, schedule);
  const poll = setInterval(() => void check(), pollMs);
  return {
    check,
    async close() {
      clearInterval(poll);
      clearTimeout(debounce);
      for (const watcher of watchers.values()) watcher.close();
      await running;
    },
  };
}

/** Watches each file's directory, and the one its link leads to; those not there yet are skipped. */
async function watchDirectories(
  watchers: Map<string, FSWatcher>,
  files: readonly string[],
  onEvent: () => void,
): Promise<void> {
  for (const directory of new Set(files.flatMap((file) => [dirname(file)]))) {
    for (const path of [directory, await realDirectory(directory)]) {
      if (path === undefined || watchers.has(path)) continue;
      try {
        const watcher = watch(path, { persistent: false }, onEvent);
        // A removed directory ends its watcher; the poll notices and watches the new one.
        watcher.on('error', () => forget(watchers, path));
        watchers.set(path, watcher);
      } catch {
        // Not there (yet), or no notifications on this file system: the poll covers both.
      }
    }
  }
}

function forget(watchers: Map<string, FSWatcher>, path: string): void {
  watchers.get(path)?.close();
  watchers.delete(path);
}

async function realDirectory(directory: string): Promise<string | undefined> {
  try {
    return await realpath(directory);
  } catch {
    return undefined; // Not there yet.
  }
}

async function fingerprint(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    try {
      const content = await readFile(file);
      hash.update(`\u0000${content.length}\u0000`).update(content);
    } catch (error: unknown) {
      hash.update(`\u0000absent:${(error as NodeJS.ErrnoException).code ?? ''}\u0000`);
    }
  }
  return hash.digest('hex');
}
