/**
 * A test process's end of its reaper (see `reaper.ts`): start programs, signal them, end them all.
 * Closing it is what removes the servers' directory, so whoever starts one must end it.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { listProcessTree, signalProcesses } from './process-tree.ts';
import type { Program, ReaperCommand, ReaperEvent, SignalReach } from './reaper-messages.ts';
import { TestbedError } from './testbed-error.ts';

/** A program that the reaper runs. */
export interface ReapedProcess {
  /** Process id; undefined when the program could not be started at all. */
  readonly pid: number | undefined;
  /** Resolves with how it ended, such as `SIGKILL` or `exit code 1`. Never rejects. */
  readonly exited: Promise<string>;
  /** Resolves when the signal is sent; does nothing once the program has exited. */
  signal(signal: NodeJS.Signals, reach: SignalReach): Promise<void>;
}

/** A running reaper. */
export interface Reaper extends AsyncDisposable {
  /** A fresh directory, removed by the reaper; others may walk through it but not list it. */
  readonly directory: string;
  /** The reaper's own process id. */
  readonly pid: number | undefined;
  /** Starts a program; resolves when it has a process, or has failed to get one. */
  spawn(program: Program): Promise<ReapedProcess>;
  /** Ends every program, removes the directory, and resolves when both are done. */
  end(): Promise<void>;
}

/** Beside this file, as source or as built. */
const reaperModule = new URL(
  import.meta.url.endsWith('.ts') ? './reaper.ts' : './reaper.js',
  import.meta.url,
);

interface Waiting {
  readonly spawned: PromiseWithResolvers<number | undefined>;
  readonly exited: PromiseWithResolvers<string>;
}

/**
 * Starts a reaper.
 *
 * @throws TestbedError `unavailable` when this Node cannot run TypeScript files
 */
export async function startReaper(): Promise<Reaper> {
  if (!process.features.typescript) {
    const hint = 'Use Node.js 24.';
    throw new TestbedError('unavailable', `Node.js ${process.version} is too old`, { hint });
  }
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = fork(fileURLToPath(reaperModule), {
    detached: true,
    stdio: 'ignore',
    execArgv: [],
    env,
  });
  return ReaperClient.connect(child);
}

class ReaperClient implements Reaper {
  readonly directory: string;
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  readonly #programs = new Map<string, Waiting>();
  readonly #pids = new Map<string, number>();
  readonly #signals = new Map<number, () => void>();
  #nextId = 1;
  #nextRequest = 1;
  #isEnding = false;

  static async connect(child: ChildProcess): Promise<ReaperClient> {
    const ready = Promise.withResolvers<string>();
    child.once('message', (event: ReaperEvent) => {
      if (event.kind === 'ready') ready.resolve(event.directory);
    });
    child.once('error', ready.reject);
    child.once('exit', () => {
      ready.reject(new TestbedError('startFailed', 'the reaper process ended at once'));
    });
    return new ReaperClient(child, await ready.promise);
  }

  constructor(child: ChildProcess, directory: string) {
    this.#child = child;
    this.directory = directory;
    this.#gone = new Promise((resolve) => {
      child.once('exit', () => {
        this.#cleanUpAfterReaper();
        resolve();
      });
    });
    child.on('message', (event: ReaperEvent) => {
      this.#hear(event);
    });
    this.#letProcessExit();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async spawn(program: Program): Promise<ReapedProcess> {
    const id = String(this.#nextId++);
    const waiting = { spawned: promise<number | undefined>(), exited: promise<string>() };
    this.#programs.set(id, waiting);
    this.#say({ kind: 'spawn', id, program });
    const pid = await this.#keepingProcessAlive(waiting.spawned.promise);
    return {
      pid,
      exited: waiting.exited.promise,
      signal: (signal, reach) => this.#signal(id, signal, reach),
    };
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    this.#say({ kind: 'end' });
    await this.#keepingProcessAlive(this.#gone);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  async #signal(id: string, signal: NodeJS.Signals, reach: SignalReach): Promise<void> {
    if (!this.#child.connected) return;
    const request = this.#nextRequest++;
    const sent = promise<undefined>();
    this.#signals.set(request, () => {
      sent.resolve(undefined);
    });
    this.#say({ kind: 'signal', id, request, signal, reach });
    await this.#keepingProcessAlive(sent.promise);
  }

  #say(command: ReaperCommand): void {
    // After its exit there is nothing left to command; #gone has settled what callers wait for.
    if (this.#child.connected) this.#child.send(command, () => undefined);
  }

  #hear(event: ReaperEvent): void {
    switch (event.kind) {
      case 'ready':
        return;
      case 'spawned':
        this.#pids.set(event.id, event.pid);
        this.#programs.get(event.id)?.spawned.resolve(event.pid);
        return;
      case 'signalled':
        this.#signals.get(event.request)?.();
        this.#signals.delete(event.request);
        return;
      case 'exited':
        this.#settle(event.id, event.reason);
        return;
    }
  }

  #settle(id: string, reason: string): void {
    this.#pids.delete(id);
    this.#programs.get(id)?.spawned.resolve(undefined);
    this.#programs.get(id)?.exited.resolve(reason);
    this.#programs.delete(id);
  }

  /** The other way round: the reaper was killed, so its client does the reaper's work. */
  #cleanUpAfterReaper(): void {
    if (!this.#isEnding) {
      for (const pid of this.#pids.values()) signalProcesses(listProcessTree(pid), 'SIGKILL');
      rmSync(this.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    }
    for (const resolve of this.#signals.values()) resolve();
    for (const id of [...this.#programs.keys()]) this.#settle(id, 'its reaper ended');
  }

  /** A forgotten server must not keep a finished test process alive: it is reaped instead. */
  #letProcessExit(): void {
    this.#child.unref();
    this.#child.channel?.unref();
  }

  async #keepingProcessAlive<T>(work: Promise<T>): Promise<T> {
    this.#child.ref();
    this.#child.channel?.ref();
    try {
      return await work;
    } finally {
      this.#letProcessExit();
    }
  }
}

function promise<T>(): PromiseWithResolvers<T> {
  return Promise.withResolvers<T>();
}
