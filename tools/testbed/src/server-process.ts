/**
 * One server under a reaper, and what a test may do to it: kill, pause, start again on the same
 * port and data. Every handle of this room has these controls.
 */
import { readFile } from 'node:fs/promises';
import { isTreeStopped } from './process-tree.ts';
import type { ReapedProcess, Reaper } from './reaper-client.ts';
import type { Program } from './reaper-messages.ts';
import { TestbedError } from './testbed-error.ts';
import { waitUntil } from './wait-until.ts';

/** What a test may do to one process of a server. */
export interface ProcessControl {
  /** Process id while the server runs (paused or not), else undefined. */
  readonly pid: number | undefined;
  /**
   * Sends a signal, and for one that ends the server waits until it has ended. SIGKILL reaches
   * the server's child processes as well, as a crash of the machine would.
   *
   * @param signal - @defaultValue 'SIGKILL'
   */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /**
   * Starts a server that was killed, on the same port and data; resolves when it answers.
   *
   * @throws TestbedError `notRunning` when it is still running, `startFailed` when it does not come
   */
  start(): Promise<void>;
  /** Ends the server politely and starts it again on the same port and data. */
  restart(): Promise<void>;
  /** Freezes the server and its children (SIGSTOP): connections stay open, nothing answers. */
  pause(): Promise<void>;
  /** Lets a paused server go on. */
  resume(): Promise<void>;
  /** Everything that the server has written to its log so far. */
  readLog(): Promise<string>;
}

/** What a test may do to a server that it has started itself. */
export interface ServerControl extends ProcessControl, AsyncDisposable {
  /** Ends the server and removes its data. May be called again; the handle is then of no use. */
  stop(): Promise<void>;
}

/** How one server is run. */
export interface ServerProcessOptions {
  /** For messages: `kube-apiserver`. */
  readonly name: string;
  readonly reaper: Reaper;
  readonly program: Program;
  /** Asks the server whether it can be used; throwing counts as no. */
  readonly isReady: () => Promise<boolean>;
  /** Milliseconds from start to the first yes. */
  readonly readyTimeoutMs: number;
  /** What asks the server to end in order; SIGKILL follows when it does not. */
  readonly politeSignal: NodeJS.Signals;
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal | undefined;
}

/** How long a polite end may take: a PostgreSQL checkpoint on a slow disk takes a few seconds. */
const politeTimeoutMs = 15_000;
/** How long a stop that was asked for may take to be seen. */
const pauseTimeoutMs = 5_000;
/** As much of a log as fits on a screen. */
const maxDetailLines = 15;
/** These do not end a server. */
const harmlessSignals: readonly NodeJS.Signals[] = [
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
  'SIGSTOP',
  'SIGCONT',
];

/** A server that is not started yet; call `start`. */
export class ServerProcess implements ProcessControl {
  readonly #options: ServerProcessOptions;
  #process: ReapedProcess | undefined;

  constructor(options: ServerProcessOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async start(): Promise<void> {
    const { name, reaper, program } = this.#options;
    if (this.#process) throw new TestbedError('notRunning', `${name} is already running`);
    const process = await reaper.spawn(program);
    this.#process = process;
    let exitReason: string | undefined;
    void process.exited.then((reason) => {
      exitReason = reason;
      if (this.#process === process) this.#process = undefined;
    });
    const isReady = await this.#waitUntilReady(() => exitReason !== undefined);
    if (exitReason !== undefined) await this.#failStart(`${name} ended: ${exitReason}`);
    if (!isReady) await this.#failStart(`${name} was not ready in time`);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const process = this.#running();
    await process.signal(signal, signal === 'SIGKILL' ? 'tree' : 'process');
    if (harmlessSignals.includes(signal)) return;
    // A paused server hears nothing but SIGKILL.
    if (signal !== 'SIGKILL') await process.signal('SIGCONT', 'tree');
    const hasExited = await exitsWithin(process, politeTimeoutMs);
    if (!hasExited) throw new TestbedError('requestFailed', `${this.#name} ignored ${signal}`);
  }

  async restart(): Promise<void> {
    if (this.#process) await this.#endPolitely(this.#process);
    await this.start();
  }

  async pause(): Promise<void> {
    const process = this.#running();
    const { pid } = process;
    await process.signal('SIGSTOP', 'tree');
    // On a busy machine it may go on for a moment after the signal was sent.
    const isPaused = await waitUntil(() => pid === undefined || isTreeStopped(pid), {
      timeoutMs: pauseTimeoutMs,
    });
    if (!isPaused) throw new TestbedError('requestFailed', `${this.#name} did not stop`);
  }

  resume(): Promise<void> {
    return this.#running().signal('SIGCONT', 'tree');
  }

  async readLog(): Promise<string> {
    try {
      return await readFile(this.#options.program.logPath, 'utf8');
    } catch {
      // It never started, or it has been stopped and its directory removed.
      return '';
    }
  }

  get #name(): string {
    return this.#options.name;
  }

  #running(): ReapedProcess {
    if (this.#process) return this.#process;
    throw new TestbedError('notRunning', `${this.#name} is not running`);
  }

  async #waitUntilReady(hasExited: () => boolean): Promise<boolean> {
    const { isReady, readyTimeoutMs, signal } = this.#options;
    const isReadyOrGone = async () => hasExited() || (await isReady().catch(() => false));
    return waitUntil(isReadyOrGone, { timeoutMs: readyTimeoutMs, signal });
  }

  async #failStart(message: string): Promise<never> {
    const log = await this.readLog();
    const detail = log.trimEnd().split('\n').slice(-maxDetailLines).join('\n');
    await this.#process?.signal('SIGKILL', 'tree');
    await this.#process?.exited;
    throw new TestbedError('startFailed', message, { detail });
  }

  async #endPolitely(process: ReapedProcess): Promise<void> {
    await process.signal(this.#options.politeSignal, 'process');
    await process.signal('SIGCONT', 'tree');
    if (await exitsWithin(process, politeTimeoutMs)) return;
    await process.signal('SIGKILL', 'tree');
    await process.exited;
  }
}

async function exitsWithin(process: ReapedProcess, timeoutMs: number): Promise<boolean> {
  let hasExited = false;
  void process.exited.then(() => {
    hasExited = true;
  });
  return waitUntil(() => hasExited, { timeoutMs, intervalMs: 5 });
}
