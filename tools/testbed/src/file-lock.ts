/**
 * A lock between processes that the kernel gives back when its holder dies, however it dies.
 * Node has no flock(2); SQLite's exclusive transaction is the same thing and comes with Node.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

/** How to wait for the lock. */
export interface FileLockOptions {
  /** Ends the waiting (not the work) by throwing its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called once when another process holds the lock. */
  readonly onWait?: (() => void) | undefined;
}

/** SQLite's result code for "another connection holds the lock". */
const sqliteBusy = 5;
const pollIntervalMs = 100;

/**
 * Runs `work` while no other caller, in this process or another, holds the same lock.
 * `path` becomes a small file that stays behind; its folder is created.
 */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  options: FileLockOptions = {},
): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    await acquire(database, options);
    return await work();
  } finally {
    database.close();
  }
}

/** True while somebody, in this process or another, holds the lock. */
export function isFileLocked(path: string): boolean {
  if (!existsSync(path)) return false;
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    return !tryAcquire(database);
  } finally {
    database.close();
  }
}

async function acquire(database: DatabaseSync, options: FileLockOptions): Promise<void> {
  let hasWaited = false;
  while (!tryAcquire(database)) {
    if (!hasWaited) options.onWait?.();
    hasWaited = true;
    await sleep(pollIntervalMs, undefined, { signal: options.signal });
  }
}

function tryAcquire(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error: unknown) {
    if (isBusy(error)) return false;
    throw error;
  }
}

/** By shape, not by class: Node's own errors are of another realm than Jest's. */
function isBusy(error: unknown): boolean {
  return (error as { errcode?: unknown } | null)?.errcode === sqliteBusy;
}
