import { runService, type Lifecycle, type ProcessEvents } from './service-lifecycle.ts';

interface World {
  readonly process: ProcessEvents & { emit(event: string, argument: unknown): void };
  readonly exits: number[];
  readonly logged: string[];
  readonly run: (start: (lifecycle: Lifecycle) => Promise<void> | void) => Promise<0 | 1>;
  /** Lets the stop timeout pass. */
  readonly timeOut: () => void;
}

function world(): World {
  const listeners = new Map<string, (argument: unknown) => void>();
  const exits: number[] = [];
  const logged: string[] = [];
  let timeOut = (): void => undefined;
  const process = {
    on: (event: string, listener: (argument: unknown) => void) => listeners.set(event, listener),
    off: (event: string) => listeners.delete(event),
    exit: (code: number) => void exits.push(code),
    emit: (event: string, argument: unknown) => listeners.get(event)?.(argument),
  };
  const clock = {
    nowMs: () => 0,
    sleep: (_ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        timeOut = resolve;
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      }),
  };
  const note = (_fields: object, message: string): void => void logged.push(message);
  return {
    process,
    exits,
    logged,
    timeOut: () => timeOut(),
    run: (start) =>
      runService({
        start: async (lifecycle) => start(lifecycle),
        log: { info: note, error: note },
        clock,
        process,
      }),
  };
}

describe(runService, () => {
  it('releases in reverse order after a signal and exits with 0', async () => {
    const { run, process } = world();
    const released: string[] = [];

    const code = run((lifecycle) => {
      lifecycle.onStop('first', () => void released.push('first'));
      lifecycle.onStop('second', async () => void released.push(await Promise.resolve('second')));
    });
    process.emit('SIGTERM', 'SIGTERM');

    expect(await code).toBe(0);
    expect(released).toEqual(['second', 'first']);
  });

  it('tells the service to take no more work before anything is released', async () => {
    const { run, process } = world();
    let wasAborted = false;

    const code = run((lifecycle) => {
      lifecycle.onStop('part', () => void (wasAborted = lifecycle.signal.aborted));
    });
    process.emit('SIGINT', 'SIGINT');
    await code;

    expect(wasAborted).toBe(true);
  });

  it('goes on releasing after a failure, reports all of them and exits with 1', async () => {
    const { run, process, logged } = world();
    const released: string[] = [];

    const code = run((lifecycle) => {
      lifecycle.onStop('first', () => void released.push('first'));
      lifecycle.onStop('bad', () => Promise.reject(new Error('stuck')));
    });
    process.emit('SIGTERM', 'SIGTERM');

    expect(await code).toBe(1);
    expect(released).toEqual(['first']);
    expect(logged).toContain('stopped with failures');
  });

  it('gives up on a release that takes too long', async () => {
    const { run, process, timeOut } = world();

    const code = run((lifecycle) => {
      lifecycle.onStop('hung', () => {
        timeOut();
        return new Promise<void>(() => undefined);
      });
    });
    process.emit('SIGTERM', 'SIGTERM');

    expect(await code).toBe(1);
  });

  it('exits at once on the second signal', async () => {
    const { run, process, exits } = world();
    let letGo = (): void => undefined;

    const code = run((lifecycle) => {
      lifecycle.onStop('slow', () => new Promise<void>((resolve) => (letGo = resolve)));
    });
    process.emit('SIGTERM', 'SIGTERM');
    await Promise.resolve();
    process.emit('SIGTERM', 'SIGTERM');

    expect(exits).toEqual([1]);
    await new Promise((resolve) => setImmediate(resolve));
    letGo();
    await code;
  });

  it('stops with 1 when an error is not caught or the start fails', async () => {
    const uncaught = world();
    const failing = world();

    const first = uncaught.run(() => undefined);
    uncaught.process.emit('uncaughtException', new Error('bug'));
    const second = failing.run(() => Promise.reject(new Error('no port')));

    expect(await first).toBe(1);
    expect(await second).toBe(1);
    expect(failing.logged[0]).toBe('could not start');
  });
});
