/**
 * An API server for a person: it outlives the command that raised it. A keeper process in the
 * background owns it as a test would; holding a lock is what tells that the keeper lives.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isFileLocked, withFileLock } from './file-lock.ts';
import { startKube } from './kube-server.ts';
import { TestbedError } from './testbed-error.ts';
import { cacheDirectory, type Environment } from './testbed-environment.ts';
import { waitUntil } from './wait-until.ts';

/** A standing API server, as its keeper wrote it down. */
export interface StandingKube {
  /** The keeper's process id; SIGTERM ends keeper and server. */
  readonly keeperPid: number;
  readonly url: string;
  readonly kubeconfigPath: string;
  readonly version: string;
}

interface StandingFiles {
  readonly directory: string;
  readonly state: string;
  readonly lock: string;
  readonly log: string;
}

/** A start takes 4 s; the keeper itself gives up after 60 s. */
const raiseTimeoutMs = 90_000;
const lowerTimeoutMs = 30_000;
/** Longer than any timer may be; only there to keep the keeper alive. */
const keepAliveMs = 60_000;

/** The API server that stands now, if one does. */
export function findStandingKube(environment: Environment): StandingKube | undefined {
  const { state, lock } = standingFiles(environment);
  if (!existsSync(state) || !isFileLocked(lock)) return undefined;
  return JSON.parse(readFileSync(state, 'utf8')) as StandingKube;
}

/**
 * Starts a keeper in the background and waits for its server. `keeperCommand` is run with this
 * Node and must end up in `keepStandingKube`.
 *
 * @throws TestbedError `startFailed` with the end of the keeper's output
 */
export async function raiseStandingKube(
  keeperCommand: readonly string[],
  environment: Environment,
): Promise<StandingKube> {
  const files = standingFiles(environment);
  mkdirSync(files.directory, { recursive: true });
  // What a killed keeper left behind would look like the new one's.
  for (const stale of [files.log, files.state]) rmSync(stale, { force: true });
  const log = openSync(files.log, 'a', 0o600);
  const keeper = spawn(process.execPath, keeperCommand, {
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let standing: StandingKube | undefined;
  const isUpOrGone = () => {
    standing = findStandingKube(environment);
    return standing !== undefined || keeper.exitCode !== null || keeper.signalCode !== null;
  };
  await waitUntil(isUpOrGone, { timeoutMs: raiseTimeoutMs });
  keeper.unref();
  if (standing) return standing;
  keeper.kill();
  const detail = await readFile(files.log, 'utf8');
  throw new TestbedError('startFailed', 'the API server did not come up', { detail });
}

/** Is the keeper: starts the server, writes it down, and stops it on SIGTERM or SIGINT. */
export async function keepStandingKube(
  apiServerFlags: readonly string[],
  environment: Environment,
): Promise<void> {
  const { state, lock } = standingFiles(environment);
  const alive = setInterval(() => undefined, keepAliveMs);
  const told = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  const keep = async () => {
    await using server = await startKube({ apiServerFlags });
    const { url, kubeconfigPath, version } = server;
    const standing: StandingKube = { keeperPid: process.pid, url, kubeconfigPath, version };
    await writeFile(`${state}.new`, JSON.stringify(standing));
    renameSync(`${state}.new`, state);
    await told;
    rmSync(state, { force: true });
  };
  const refuse = () => {
    throw new TestbedError('notRunning', 'another keeper is at work');
  };
  try {
    await withFileLock(lock, keep, { onWait: refuse });
  } finally {
    clearInterval(alive);
  }
}

/** Ends keeper and server; resolves when both are gone, false when none stood. */
export async function lowerStandingKube(environment: Environment): Promise<boolean> {
  const standing = findStandingKube(environment);
  if (!standing) return false;
  process.kill(standing.keeperPid, 'SIGTERM');
  const { lock } = standingFiles(environment);
  const isGone = await waitUntil(() => !isFileLocked(lock), { timeoutMs: lowerTimeoutMs });
  if (isGone) return true;
  throw new TestbedError('requestFailed', `the keeper ${String(standing.keeperPid)} does not end`);
}

function standingFiles(environment: Environment): StandingFiles {
  const directory = join(cacheDirectory(environment), 'standing-kube');
  return {
    directory,
    state: join(directory, 'state.json'),
    lock: join(directory, 'keeper.lock'),
    log: join(directory, 'keeper.log'),
  };
}
