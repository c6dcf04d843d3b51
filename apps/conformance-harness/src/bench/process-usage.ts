/** What a process has used, as Linux accounts for it under /proc. */
import { readdir, readFile } from 'node:fs/promises';

/** Usage since the process began. */
export interface ProcessUsage {
  /** Largest resident set, in bytes (`VmHWM`). */
  readonly peakRssBytes: number;
  /** Resident set now, in bytes (`VmRSS`). */
  readonly rssBytes: number;
  /**
   * User and system time of all its threads together, in seconds: what `process.cpuUsage()` says in
   * the process itself, to the nanosecond where the kernel keeps it so.
   */
  readonly cpuSeconds: number;
}

/** `getconf CLK_TCK`; 100 on every Linux that Node runs on. */
const clockTicksPerSecond = 100;

/** Reads a running process's usage. */
export async function readProcessUsage(pid: number): Promise<ProcessUsage> {
  const folder = `/proc/${String(pid)}`;
  const [status, stat, nanoseconds] = await Promise.all([
    readFile(`${folder}/status`, 'utf8'),
    readFile(`${folder}/stat`, 'utf8'),
    scheduledNanoseconds(folder),
  ]);
  const kibibytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
  // Fields after the command's closing parenthesis: state is the 3rd of all, utime the 14th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return {
    peakRssBytes: kibibytes('VmHWM') * 1024,
    rssBytes: kibibytes('VmRSS') * 1024,
    cpuSeconds: nanoseconds > 0 ? nanoseconds / 1e9 : ticks / clockTicksPerSecond,
  };
}

/** Time on a CPU of all threads that there are; 0 where the kernel does not tell. */
async function scheduledNanoseconds(folder: string): Promise<number> {
  const threads = await readdir(`${folder}/task`);
  const texts = await Promise.all(
    // A thread may end meanwhile; Node's own stay.
    threads.map((thread) =>
      readFile(`${folder}/task/${thread}/schedstat`, 'utf8').catch(() => '0'),
    ),
  );
  return texts.reduce((sum, text) => sum + Number(text.split(' ')[0]), 0);
}
