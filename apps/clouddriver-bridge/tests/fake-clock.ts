/** Time that stands still until a test moves it. */
import { setImmediate } from 'node:timers/promises';

/** Lets every promise that is ready run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) {
    await setImmediate();
    for (let job = 0; job < 50; job += 1) await Promise.resolve();
  }
}

export class FakeClock {
  #nowMs = 1_700_000_000_000;
  #sleeping: { readonly at: number; readonly wake: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        reject(new Error('aborted'));
      };
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      this.#sleeping.push({ at: this.#nowMs + ms, wake: resolve });
    });
  }

  async advance(ms: number): Promise<void> {
    this.#nowMs += ms;
    const due = this.#sleeping.filter(({ at }) => at <= this.#nowMs);
    this.#sleeping = this.#sleeping.filter(({ at }) => at > this.#nowMs);
    for (const { wake } of due) wake();
    await settled();
  }
}
