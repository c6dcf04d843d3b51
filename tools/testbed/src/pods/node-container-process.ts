/** A container as a process of this machine, in a mount namespace of its own, under a reaper. */
import { execFileSync } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import type { ReapedProcess, Reaper } from '../reaper-client.ts';
import { findExecutable } from '../run-command.ts';
import { TestbedError } from '../testbed-error.ts';
import type { Environment } from '../testbed-environment.ts';
import { containerScript, type ContainerPlan } from './container-script.ts';

/** A container that was started. */
export interface ContainerProcess {
  /** Of the program itself. */
  readonly pid: number | undefined;
  /** Resolves with the exit code, or 128 and the signal's number. Never rejects. */
  readonly exited: Promise<number>;
  signal(signal: NodeJS.Signals): Promise<void>;
  /** Everything that it has written so far, to either output. */
  readLog(): Promise<string>;
}

/** What to start, and where its output goes. */
export interface ContainerProcessOptions {
  readonly reaper: Reaper;
  readonly plan: ContainerPlan;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly logPath: string;
}

const podsHint =
  'Run as root on Linux, where "unshare --mount" is allowed, with util-linux and coreutils.';
const tools = ['unshare', 'setpriv', 'chroot', 'mount'];

/** True when this process may make mount namespaces and has the tools to fill them. */
export function mayHavePods(environment: Environment): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  if (!tools.every((tool) => findExecutable(tool, environment))) return false;
  try {
    execFileSync('unshare', ['--mount', 'mount', '--bind', '/tmp', '/tmp'], { stdio: 'ignore' });
    return true;
  } catch {
    // A container without the capability for it.
    return false;
  }
}

/** @throws TestbedError `unavailable` when pods cannot be run on this machine */
export function requirePods(environment: Environment): void {
  if (mayHavePods(environment)) return;
  throw new TestbedError('unavailable', 'pods cannot be run here', { hint: podsHint });
}

/** Starts a container; whether its program comes up shows by its log and its exit code. */
export async function startContainerProcess({
  reaper,
  plan,
  env,
  logPath,
}: ContainerProcessOptions): Promise<ContainerProcess> {
  await mkdir(plan.folder, { recursive: true });
  const unshare = findExecutable('unshare', process.env) ?? 'unshare';
  const process_ = await reaper.spawn({
    command: unshare,
    args: ['--mount', '--propagation=private', '/bin/sh', '-euc', containerScript(plan)],
    env,
    logPath,
    cwd: '/',
    endSignal: 'SIGKILL',
  });
  return {
    pid: process_.pid,
    exited: exitCode(process_),
    signal: (signal) => process_.signal(signal, signal === 'SIGKILL' ? 'tree' : 'process'),
    readLog: () => readFile(logPath, 'utf8'),
  };
}

async function exitCode({ exited }: ReapedProcess): Promise<number> {
  const reason = await exited;
  const code = /^exit code (\d+)$/.exec(reason)?.[1];
  if (code !== undefined) return Number(code);
  const signal = constants.signals[reason as NodeJS.Signals] as number | undefined;
  return signal === undefined ? unknownExit : shellSignalBase + signal;
}

/** As shells and container runtimes count. */
const shellSignalBase = 128;
/** It could not be started at all. */
const unknownExit = 255;
