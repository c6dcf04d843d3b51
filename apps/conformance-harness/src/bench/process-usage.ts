/** What a process has used, as Linux accounts for it under /proc. */
import { readFile } from 'node:fs/promises';

/** Usage since the process began. */
export interface ProcessUsage {
  /** Largest resident set, in bytes (`VmHWM`). */
  readonly peakRssBytes: number;
  /** User and system time together, in seconds. */
  readonly cpuSeconds: number;
}

/** `getconf CLK_TCK`; 100 on every Linux that Node runs on. */
const clockTicksPerSecond = 100;

/** Reads a running process's usage. */
export async function readProcessUsage(pid: number): Promise<ProcessUsage> {
  const [status, stat] = await Promise.all([
    readFile(`/proc/${String(pid)}/status`, 'utf8'),
    readFile(`/proc/${String(pid)}/stat`, 'utf8'),
  ]);
  const peakKiB = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  // Fields after the command's closing parenthesis: state is the 3rd of all, utime the 14th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { peakRssBytes: peakKiB * 1024, cpuSeconds: ticks / clockTicksPerSecond };
}
