/**
 * Any program as a server under a reaper: what the real servers of this room get (killed with its
 * owner, started again on the same data, paused), for a program of one's own.
 */
import { writeFile } from 'node:fs/promises';
import { startReaper } from './reaper-client.ts';
import { ServerProcess, type ServerControl } from './server-process.ts';
import { defaultReadyTimeoutMs, type StartOptions } from './start-options.ts';

/** What to run. */
export interface ProgramOptions extends StartOptions {
  /** For messages. */
  readonly name: string;
  /** Absolute path, or a name on PATH. */
  readonly command: string;
  /** The arguments, or what makes them of the program's working directory. */
  readonly args: readonly string[] | ((directory: string) => readonly string[]);
  /** Added to this process's environment. @defaultValue none */
  readonly env?: Readonly<Record<string, string>>;
  /** Files to write into its working directory first: name to text. @defaultValue none */
  readonly files?: Readonly<Record<string, string>>;
  /** File that its output is appended to. @defaultValue one in its own directory */
  readonly logPath?: string;
  /** Asks the program whether it can be used; throwing counts as no. @defaultValue always yes */
  readonly isReady?: () => Promise<boolean>;
}

/** A running program. */
export interface ProgramHandle extends ServerControl {
  readonly name: string;
  /** Its working directory, removed when it is stopped. */
  readonly directory: string;
}

/**
 * Starts a program; resolves when it is ready.
 *
 * @throws TestbedError `startFailed` when it ends or is not ready in time; `detail` ends its log
 */
export async function startProgram(options: ProgramOptions): Promise<ProgramHandle> {
  const reaper = await startReaper();
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const server = new ServerProcess({
    name: options.name,
    reaper,
    program: {
      command: options.command,
      args: typeof options.args === 'function' ? options.args(reaper.directory) : options.args,
      env: { ...definedOnly(inherited), ...options.env },
      logPath: options.logPath ?? `${reaper.directory}/${options.name}.log`,
      endSignal: 'SIGKILL',
    },
    isReady: options.isReady ?? (() => Promise.resolve(true)),
    readyTimeoutMs: options.readyTimeoutMs ?? defaultReadyTimeoutMs,
    politeSignal: 'SIGTERM',
    signal: options.signal,
  });
  try {
    await writeFiles(reaper.directory, options.files ?? {});
    await server.start();
  } catch (error: unknown) {
    await reaper.end();
    throw error;
  }
  const stop = () => reaper.end();
  return {
    name: options.name,
    directory: reaper.directory,
    get pid() {
      return server.pid;
    },
    kill: (signal) => server.kill(signal),
    start: () => server.start(),
    restart: () => server.restart(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    readLog: () => server.readLog(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function writeFiles(
  directory: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await writeFile(`${directory}/${name}`, text, { mode: 0o600 });
  }
}

function definedOnly(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}
