/** CPU time of a process with all that it has started, as Linux accounts for it under /proc. */
import { readdir, readFile } from 'node:fs/promises';

/** One process as `/proc/PID/stat` tells it. */
export interface ProcessStat {
  readonly pid: number;
  readonly parentPid: number;
  /** User and system time of all its threads, those that ended included, in seconds. */
  readonly cpuSeconds: number;
  /** The same of its children that have ended and were waited for, and of theirs. */
  readonly endedChildrenCpuSeconds: number;
}

/** `getconf CLK_TCK`; 100 on every Linux that Node runs on. */
const clockTicksPerSecond = 100;

/** Reads the text of `/proc/PID/stat`; see proc(5). The command may hold blanks and parentheses. */
export function parseProcessStat(text: string): ProcessStat {
  // After the command's closing parenthesis: state is the 3rd field of all, ppid the 4th.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const seconds = (...places: readonly number[]): number =>
    places.reduce((sum, place) => sum + Number(fields[place]), 0) / clockTicksPerSecond;
  return {
    pid: Number.parseInt(text, 10),
    parentPid: Number(fields[1]),
    cpuSeconds: seconds(11, 12),
    endedChildrenCpuSeconds: seconds(13, 14),
  };
}

/** CPU time of `root` and everything below it, in seconds; what has ended is its parent's. Pure. */
export function sumTreeCpu(root: number, processes: readonly ProcessStat[]): number {
  const below = Map.groupBy(processes, ({ parentPid }) => parentPid);
  const tree = processes.filter(({ pid }) => pid === root);
  // The list grows while it is walked: children come after their parents.
  for (const { pid } of tree) tree.push(...(below.get(pid) ?? []));
  return tree.reduce((sum, each) => sum + each.cpuSeconds + each.endedChildrenCpuSeconds, 0);
}

/** Reads it of running processes: a database server with a process for each connection. */
export async function readTreeCpuSeconds(root: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const texts = await Promise.all(
    // Whatever ends meanwhile is counted by its parent, or is none of ours.
    pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)),
  );
  const stats = texts.flatMap((text) => (text === undefined ? [] : [parseProcessStat(text)]));
  return sumTreeCpu(root, stats);
}

/** CPU time of this process's own children that have ended, in seconds. */
export async function readEndedChildrenCpuSeconds(): Promise<number> {
  return parseProcessStat(await readFile('/proc/self/stat', 'utf8')).endedChildrenCpuSeconds;
}
