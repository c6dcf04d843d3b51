/**
 * Processes and their descendants. A process group would not do: PostgreSQL's backends each make
 * their own, so a signal to the server's group misses them.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** True while a process with this id exists and is not merely waiting to be reaped. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error: unknown) {
    // It lives, under another user.
    return (error as NodeJS.ErrnoException | null)?.code === 'EPERM';
  }
  return !isZombie(pid);
}

/** The process and everything below it, parents before children. */
export function listProcessTree(root: number): readonly number[] {
  const childrenOf = new Map<number, number[]>();
  for (const { pid, parent } of listProcesses()) {
    const siblings = childrenOf.get(parent);
    if (siblings) siblings.push(pid);
    else childrenOf.set(parent, [pid]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(childrenOf.get(pid) ?? []));
  return tree;
}

/** Sends a signal to each process that still exists. */
export function signalProcesses(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It is gone already, which is what most callers are after.
    }
  }
}

interface ListedProcess {
  readonly pid: number;
  readonly parent: number;
}

function listProcesses(): readonly ListedProcess[] {
  if (!existsSync('/proc/self/stat')) return listProcessesWithPs();
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      const parent = readStat(Number(entry))?.parent;
      return parent === undefined ? [] : [{ pid: Number(entry), parent }];
    });
}

function listProcessesWithPs(): readonly ListedProcess[] {
  const output = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return output
    .trim()
    .split('\n')
    .map((line) => {
      const [pid, parent] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent) };
    });
}

/** Whether the process and everything below it has stopped (SIGSTOP); without /proc nobody can tell. */
export function isTreeStopped(root: number): boolean {
  if (!existsSync('/proc/self/stat')) return true;
  return listProcessTree(root).every((pid) => ['T', 'Z', undefined].includes(readStat(pid)?.state));
}

function isZombie(pid: number): boolean {
  return readStat(pid)?.state === 'Z';
}

/** See proc(5): the name stands in parentheses and may itself contain some. */
function readStat(pid: number): { state: string; parent: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    // No /proc here, or the process ended between listing and reading.
    return undefined;
  }
}
