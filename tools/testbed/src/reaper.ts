/**
 * The program that outlives a test process by a moment: it runs the servers, and when the pipe to
 * the test process closes, for whatever reason (SIGKILL included), it ends them and removes their
 * directory. Forked by `reaper-client.ts`; never imported.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isProcessAlive, listProcessTree, signalProcesses } from './process-tree.ts';
import type { Program, ReaperCommand, ReaperEvent, SignalReach } from './reaper-messages.ts';
import { waitUntil } from './wait-until.ts';

interface RunningProgram {
  readonly child: ChildProcess;
  readonly program: Program;
  /** Every process that a signal to the tree was sent to: gone before `exited` is reported. */
  readonly signalled: Set<number>;
  readonly exited: Promise<void>;
}

/** A server that is told to go gets this long before it is killed. */
const endTimeoutMs = 5_000;
/** SIGKILL acts within milliseconds unless the machine is stuck; then we no longer wait. */
const killTimeoutMs = 5_000;

const running = new Map<string, RunningProgram>();
let isEnding = false;
const directory = mkdtempSync(join(tmpdir(), 'fairlead-testbed-'));
// Servers may run as another user, who must be able to walk through to a folder of their own.
chmodSync(directory, 0o711);

process.on('message', (command: ReaperCommand) => {
  perform(command);
});
process.on('disconnect', () => void end());
process.on('SIGTERM', () => void end());
report({ kind: 'ready', directory });

function perform(command: ReaperCommand): void {
  switch (command.kind) {
    case 'spawn':
      start(command.id, command.program);
      return;
    case 'signal':
      signal(command.id, command.signal, command.reach);
      report({ kind: 'signalled', request: command.request });
      return;
    case 'end':
      void end();
      return;
  }
}

function start(id: string, program: Program): void {
  if (isEnding) return;
  const log = openSync(program.logPath, 'a');
  const child = spawn(program.command, program.args, {
    cwd: program.cwd ?? directory,
    env: program.env,
    detached: true,
    stdio: ['ignore', log, log],
    ...program.user,
  });
  closeSync(log);
  const signalled = new Set<number>();
  const exited = exitReason(child).then(async (reason) => {
    await waitUntil(() => ![...signalled].some(isProcessAlive), { timeoutMs: killTimeoutMs });
    running.delete(id);
    report({ kind: 'exited', id, reason });
  });
  if (child.pid === undefined) return;
  running.set(id, { child, program, signalled, exited });
  report({ kind: 'spawned', id, pid: child.pid });
}

function exitReason(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
    });
    child.once('exit', (code, signal) => {
      resolve(signal ?? `exit code ${String(code)}`);
    });
  });
}

function signal(id: string, name: NodeJS.Signals, reach: SignalReach): void {
  const target = running.get(id);
  const pid = target?.child.pid;
  if (!target || pid === undefined || hasEnded(target.child)) return;
  if (reach === 'process') {
    target.child.kill(name);
    return;
  }
  if (name !== 'SIGKILL') {
    signalTree(pid, name);
    return;
  }
  // Frozen first: a program that is killed while it forks would leave an orphan.
  const frozen = signalTree(pid, 'SIGSTOP');
  for (const member of frozen) target.signalled.add(member);
  signalProcesses([...frozen], 'SIGKILL');
}

/** Looks again until there is nobody new: a server may fork while its children are listed. */
function signalTree(root: number, name: NodeJS.Signals): ReadonlySet<number> {
  const reached = new Set<number>();
  for (;;) {
    const missed = listProcessTree(root).filter((pid) => !reached.has(pid));
    if (missed.length === 0) return reached;
    signalProcesses(missed, name);
    for (const pid of missed) reached.add(pid);
  }
}

/** Its id may belong to another process by now. */
function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function end(): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  await Promise.all([...running].map(([id, target]) => endProgram(id, target)));
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  process.exit(0);
}

async function endProgram(id: string, target: RunningProgram): Promise<void> {
  const { endSignal } = target.program;
  let hasExited = false;
  void target.exited.then(() => {
    hasExited = true;
  });
  if (endSignal !== 'SIGKILL') {
    signal(id, endSignal, 'process');
    // A paused server would never hear it.
    signal(id, 'SIGCONT', 'tree');
    if (await waitUntil(() => hasExited, { timeoutMs: endTimeoutMs, intervalMs: 5 })) return;
  }
  signal(id, 'SIGKILL', 'tree');
  await waitUntil(() => hasExited, { timeoutMs: killTimeoutMs, intervalMs: 5 });
}

function report(event: ReaperEvent): void {
  // The test process may be gone; then nobody is left to tell.
  if (process.connected) process.send?.(event, () => undefined);
}
