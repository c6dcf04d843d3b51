/**
 * What every scanner does around its reading: cuts chunks into slices of bounded size, wipes the
 * kernel after each call, keeps a fault for the next call when events were found before it, and
 * refuses further use afterwards.
 */
import type { ScanKernel } from './kernel.ts';
import type { Scanner } from './scanner.ts';
import { ScrubberError } from './scrubber-error.ts';

/** Largest stretch copied into a kernel at once; sockets hand out 64 KiB. */
const largestSliceBytes = 256 * 1024;

/** Reads one kind of body; throws `ScrubberError` where it stops being one. */
export interface BodyReader<E> {
  /** Takes the next bytes and adds what they complete to `events`. */
  read(slice: Buffer, events: E[]): void;
  /** The body is over. */
  finish(events: E[]): void;
  /** The objects in the events so far are not needed any more. */
  release(): void;
  /** Overwrites all carried bytes. */
  wipe(): void;
}

/** What a guard needs beside the reader. */
export interface GuardOptions {
  readonly kernel: ScanKernel;
  /** Slices are at most this long, so an object inside one slice is never too large. */
  readonly maxObjectBytes: number;
  /** Zeros are written over each chunk after it was read. */
  readonly wipeChunks: boolean;
}

/** Makes a scanner of a reader. */
export function guardScanner<E>(reader: BodyReader<E>, options: GuardOptions): Scanner<E> {
  return new GuardedScanner(reader, options);
}

class GuardedScanner<E> implements Scanner<E> {
  readonly #reader: BodyReader<E>;
  readonly #kernel: ScanKernel;
  readonly #sliceBytes: number;
  readonly #wipeChunks: boolean;
  #failure: unknown;
  #isClosed = false;

  constructor(reader: BodyReader<E>, { kernel, maxObjectBytes, wipeChunks }: GuardOptions) {
    this.#reader = reader;
    this.#kernel = kernel;
    this.#sliceBytes = Math.min(largestSliceBytes, maxObjectBytes);
    this.#wipeChunks = wipeChunks;
  }

  push(chunk: Uint8Array): readonly E[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    try {
      return this.#guarded((events) => {
        for (let from = 0; from < bytes.length; from += this.#sliceBytes) {
          this.#reader.read(bytes.subarray(from, from + this.#sliceBytes), events);
        }
      });
    } finally {
      if (this.#wipeChunks) bytes.fill(0);
    }
  }

  end(): readonly E[] {
    const events = this.#guarded((found) => {
      this.#reader.finish(found);
    });
    this.dispose();
    return events;
  }

  release(): void {
    this.#reader.release();
  }

  dispose(): void {
    this.#isClosed = true;
    this.#reader.wipe();
  }

  #guarded(read: (events: E[]) => void): readonly E[] {
    if (this.#failure !== undefined) throw this.#failure as Error;
    if (this.#isClosed) throw new ScrubberError('closed', 'the scanner was ended or disposed');
    const events: E[] = [];
    try {
      read(events);
    } catch (fault: unknown) {
      this.#failure = fault;
      this.#reader.wipe();
      if (events.length === 0) throw fault;
    } finally {
      this.#kernel.wipe();
    }
    return events;
  }
}
