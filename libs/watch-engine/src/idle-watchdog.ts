/**
 * Notices a connection on which nothing arrives: half-open TCP, a middlebox that forgot it, a server
 * that hangs. It has no timer of its own: `idle-rounds.ts` looks at those of an account.
 */
import type { Clock } from './cluster-api.ts';

/** What a watchdog goes by. */
export interface IdleWatchdogOptions {
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Aborted when it is silent for too long. */
  readonly connection: AbortController;
  /** A connection that is silent for so long is given up. */
  readonly timeoutMs: number;
  /** One that is silent for so long is told of before. Below `timeoutMs`. */
  readonly quietMs?: number;
  /** May be told more than once in a silence. */
  readonly onQuiet?: () => void;
  /** It was not read for `quietMs`, which is our own doing. May be told more than once. */
  readonly onHeldUp?: () => void;
}

/** Watches over one connection. */
export class IdleWatchdog {
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #connection: AbortController;
  readonly #timeoutMs: number;
  readonly #quietMs: number;
  readonly #onQuiet: (() => void) | undefined;
  readonly #onHeldUp: (() => void) | undefined;
  /** When something was heard last, or reading was paused. */
  #heardAtMs: number;
  #isPaused = false;
  #isIdle = false;

  constructor({ clock, connection, timeoutMs, ...options }: IdleWatchdogOptions) {
    this.#clock = clock;
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
    this.#quietMs = options.quietMs ?? timeoutMs;
    this.#onQuiet = options.onQuiet;
    this.#onHeldUp = options.onHeldUp;
    this.#heardAtMs = clock.nowMs();
  }

  /** True once the connection was given up for being silent. */
  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** Whether what arrived is being worked off. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Something arrived. */
  heard(): void {
    this.#heardAtMs = this.#clock.nowMs();
  }

  /** We are not reading: silence is our own doing. */
  pause(): void {
    this.#isPaused = true;
    this.heard();
  }

  /** We are reading again. */
  resume(): void {
    this.#isPaused = false;
    this.heard();
  }

  /**
   * Looks how long it has been silent, and does what that asks for. Answers in how many milliseconds
   * to look again; `undefined` when the connection was given up.
   */
  look(): number | undefined {
    const silentMs = this.#clock.nowMs() - this.#heardAtMs;
    if (silentMs < this.#quietMs) return this.#quietMs - silentMs;
    if (this.#isPaused) {
      this.#onHeldUp?.();
      return this.#quietMs;
    }
    if (silentMs >= this.#timeoutMs) {
      this.#isIdle = true;
      this.#connection.abort(new Error('idle'));
      return undefined;
    }
    this.#onQuiet?.();
    return this.#timeoutMs - silentMs;
  }
}
