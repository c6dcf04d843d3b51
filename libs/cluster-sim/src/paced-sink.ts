// A sink that lets bytes through in pieces with pauses between: a slow line, or writes that end at
// random places.
import { type Clock, nextBelow, type Random } from './clock.ts';
import { type SinkEffect } from './fault-effects.ts';
import { PassingSink, type ResponseSink } from './response-sink.ts';

/** The effects that cut a body into pieces. */
export type PacingEffect = Extract<SinkEffect, { kind: 'slow' | 'split' }>;

/** A slow line moves so many times a second. */
const STEPS_PER_SECOND = 20;

/** Puts a pace between a handler and its sink. */
export function createPacedSink(
  sink: ResponseSink,
  effect: PacingEffect,
  by: { readonly clock: Clock; readonly random: Random },
): ResponseSink {
  const { clock, random } = by;
  return new PacedSink(
    sink,
    effect.kind === 'split'
      ? {
          pieceBytes: () => 1 + nextBelow(random, effect.maxBytes),
          pause: () => new Promise((resolve) => setImmediate(resolve)),
        }
      : {
          pieceBytes: () => Math.max(1, Math.round(effect.bytesPerSecond / STEPS_PER_SECOND)),
          pause: (bytes) => clock.sleep((bytes / effect.bytesPerSecond) * 1000, sink.closed),
        },
  );
}

interface Pace {
  /** Length of the next piece. */
  readonly pieceBytes: () => number;
  /** Waits after a piece of so many bytes. */
  readonly pause: (bytes: number) => Promise<void>;
}

class PacedSink extends PassingSink {
  readonly #pace: Pace;
  #waiting: Uint8Array[] = [];
  #sending: Promise<void> | undefined;
  #finish: (() => void) | undefined;

  constructor(sink: ResponseSink, pace: Pace) {
    super(sink);
    this.#pace = pace;
  }

  override start(status: number, headers: Readonly<Record<string, string>>): void {
    const { 'content-length': _length, ...rest } = headers;
    super.start(status, rest);
  }

  override write(bytes: Uint8Array): boolean {
    if (bytes.length === 0) return true;
    this.#waiting.push(bytes);
    this.#sending ??= this.#send();
    return false;
  }

  override async drained(): Promise<void> {
    await this.#sending;
  }

  override end(): void {
    this.#afterAll(() => super.end());
  }

  override destroy(): void {
    this.#waiting = [];
    super.destroy();
  }

  override breakOff(chunk?: Uint8Array): void {
    this.#afterAll(() => super.breakOff(chunk));
  }

  #afterAll(finish: () => void): void {
    if (this.#sending === undefined) finish();
    else this.#finish = finish;
  }

  async #send(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      for (let at = 0; at < next.length && !this.closed.aborted;) {
        const piece = next.subarray(at, at + this.#pace.pieceBytes());
        super.write(piece);
        at += piece.length;
        await this.#pace.pause(piece.length);
        await super.drained();
      }
    }
    this.#sending = undefined;
    this.#finish?.();
  }
}
