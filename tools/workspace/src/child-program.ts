/** A program of this workspace as a child process: started with its log in a file, stopped in order. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { dirname } from 'node:path';

/** What to run and where its output goes. */
export interface ChildProgramOptions {
  /** For messages: `bridge`, `agent`, `clusters`. */
  readonly name: string;
  /** The built entry file. */
  readonly entry: string;
  readonly args: readonly string[];
  /** File that takes stdout and stderr; its folder is made. */
  readonly logFile: string;
}

/** How long a child may take to stop in order before it is killed, in ms; the programs' own bound is 25 s. */
const stopTimeoutMs = 30_000;

/** One running child. */
export class ChildProgram {
  readonly name: string;
  readonly logFile: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(options: ChildProgramOptions) {
    this.name = options.name;
    this.logFile = options.logFile;
    mkdirSync(dirname(options.logFile), { recursive: true });
    const log = createWriteStream(options.logFile);
    this.#child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', options.entry, ...options.args],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        // A group of its own: Ctrl-C reaches us alone, and we stop the children in order.
        detached: true,
      },
    );
    this.#child.stdout?.pipe(log);
    this.#child.stderr?.pipe(log);
    this.#exited = once(this.#child, 'exit');
  }

  /** Runs `listener` when the child ends before `stop()` was called. */
  onUnexpectedExit(listener: (code: number | null) => void): void {
    this.#child.once('exit', listener);
  }

  /** Asks the child to stop and waits; kills it when it does not. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.removeAllListeners('exit');
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopTimeoutMs);
    await Promise.race([exited, this.#exited]);
    clearTimeout(timer);
  }
}
