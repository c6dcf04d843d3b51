/** Wakes an account's discovery before its time: somebody asked, and not too often. */
import { childController } from './aborting.ts';
import type { Clock } from './cluster-api.ts';

/** One account's wish to look again what is served. */
export class RediscoveryTrigger {
  readonly #clock: Clock;
  #isAsked = false;
  #wake: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Asks for a discovery soon. Any number of calls before it lead to one. */
  ask(): void {
    this.#isAsked = true;
    this.#wake();
  }

  /** Waits until somebody asks, at least `minMs` and at most `maxMs`. */
  async wait(
    bounds: { readonly minMs: number; readonly maxMs: number },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#clock.sleep(bounds.minMs, signal);
    if (!this.#isAsked) await this.#sleepUntilAsked(bounds.maxMs - bounds.minMs, signal);
    this.#isAsked = false;
  }

  async #sleepUntilAsked(ms: number, signal: AbortSignal): Promise<void> {
    const { controller, release } = childController(signal);
    this.#wake = () => controller.abort();
    try {
      await this.#clock.sleep(Math.max(0, ms), controller.signal);
    } catch (error: unknown) {
      if (signal.aborted) throw error;
      // Woken by ask(), which is what this waits for.
    } finally {
      this.#wake = () => undefined;
      release();
    }
  }
}
