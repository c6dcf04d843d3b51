/**
 * Notices a connection on which nothing arrives: half-open TCP, a middlebox that forgot it, a
 * server that hangs. One timer per connection, not one per chunk.
 */
import type { Clock } from './cluster-api.ts';

/** What a watchdog goes by. */
export interface IdleWatchdogOptions {
  readonly clock: Clock;
  /** A connection that is silent for so long is given up. */
  readonly timeoutMs: number;
  /** One that is silent for so long is told of before. Below `timeoutMs`. */
  readonly quietMs?: number;
  /** May be told more than once in a silence. */
  readonly onQuiet?: () => void;
}

/** Watches over one connection. */
export class IdleWatchdog {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #quietMs: number;
  readonly #onQuiet: () => void;
  #heardAtMs: number;
  #isPaused = false;
  #isIdle = false;

  constructor({ clock, timeoutMs, quietMs, onQuiet }: IdleWatchdogOptions) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#quietMs = quietMs ?? timeoutMs;
    this.#onQuiet = onQuiet ?? ((): void => undefined);
    this.#heardAtMs = clock.nowMs();
  }

  /** True once the connection was given up for being silent. */
  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** Something arrived. */
  heard(): void {
    this.#heardAtMs = this.#clock.nowMs();
  }

  /** We are not reading: silence is our own doing. */
  pause(): void {
    this.#isPaused = true;
  }

  /** We are reading again. */
  resume(): void {
    this.#isPaused = false;
    this.heard();
  }

  /** Aborts `connection` when it is silent for too long; ends when it is aborted by anybody. */
  async guard(connection: AbortController): Promise<void> {
    const { signal } = connection;
    while (!signal.aborted) {
      const sinceMs = this.#isPaused ? 0 : this.#clock.nowMs() - this.#heardAtMs;
      if (sinceMs >= this.#timeoutMs) {
        this.#isIdle = true;
        connection.abort(new Error('idle'));
        return;
      }
      if (sinceMs >= this.#quietMs) this.#onQuiet();
      const untilMs = sinceMs < this.#quietMs ? this.#quietMs : this.#timeoutMs;
      try {
        await this.#clock.sleep(untilMs - sinceMs, signal);
      } catch {
        // The connection ended by itself, which is what usually ends this.
        return;
      }
    }
  }
}
