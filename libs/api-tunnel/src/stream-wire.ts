/** A wire over a stream of messages as grpc-js has them: back-pressure by bytes, in both directions. */
import type { TunnelWire, WireListener } from './tunnel-wire.ts';

/** What is used of a duplex stream of grpc-js, on either side. */
export interface MessageStream<Out, In> {
  /** Messages, in order. */
  on(event: 'data', listener: (message: In) => void): unknown;
  /** What broke the stream; `close` follows. */
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** The other side has ended (`end`), reset (`cancelled`), or nothing more will come (`close`). */
  on(event: 'end' | 'close' | 'cancelled', listener: () => void): unknown;
  /** Sends a message; `written` is called when it was handed to HTTP/2. */
  write(message: Out, written: () => void): boolean;
  /** Holds `data` back, and so the sender. */
  pause(): unknown;
  /** Goes on with `data`. */
  resume(): unknown;
  /** Ends this side after what was written. */
  end(): unknown;
}

/** Options of {@link StreamWire}. */
export interface StreamWireOptions {
  /** Resets the stream: grpc-js names that differently on its two sides. */
  readonly cancel: () => void;
  /** What an error of the stream is to people. @defaultValue its message */
  readonly describe?: (error: Error) => string;
}

/**
 * Bytes that may be given to the stream before it has written them: two pieces, so that one is
 * encoded while the other is written. HTTP/2's window comes on top.
 */
const maxUnwrittenBytes = 128 * 1024;

/** What a message without data is counted as, in bytes. */
const messageBytes = 64;

/** A wire. */
export class StreamWire<Out extends { readonly data?: Uint8Array }, In> implements TunnelWire<
  Out,
  In
> {
  readonly #stream: MessageStream<Out, In>;
  readonly #cancelStream: () => void;
  #listener: WireListener<In> | undefined;
  #unwrittenBytes = 0;
  #hold: { readonly until: Promise<void>; release(): void } | undefined;
  #isClosed = false;

  constructor(stream: MessageStream<Out, In>, { cancel, describe }: StreamWireOptions) {
    this.#stream = stream;
    this.#cancelStream = cancel;
    stream.on('error', (error) => this.#closed(describe?.(error) ?? error.message));
    stream.on('end', () => this.#closed('the other side ended it'));
    stream.on('cancelled', () => this.#closed('the other side cancelled it'));
    stream.on('close', () => this.#closed('it was closed'));
  }

  listen(listener: WireListener<In>): void {
    const isFirst = this.#listener === undefined;
    this.#listener = listener;
    // The stream does not flow before somebody hears.
    if (isFirst) this.#stream.on('data', (message) => this.#listener?.message(message));
  }

  send(message: Out): void {
    if (this.#isClosed) return;
    const bytes = messageBytes + (message.data?.length ?? 0);
    this.#unwrittenBytes += bytes;
    this.#stream.write(message, () => this.#written(bytes));
  }

  room(): Promise<void> | undefined {
    if (this.#isClosed || this.#unwrittenBytes <= maxUnwrittenBytes) return undefined;
    this.#hold ??= createHold();
    return this.#hold.until;
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  end(): void {
    this.#stream.end();
  }

  cancel(): void {
    if (!this.#isClosed) this.#cancelStream();
  }

  #written(bytes: number): void {
    this.#unwrittenBytes -= bytes;
    if (this.#unwrittenBytes <= maxUnwrittenBytes / 2) this.#release();
  }

  #closed(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#release();
    // Answers the other side's end; does nothing where the stream is gone already.
    this.#stream.end();
    this.#listener?.closed(reason);
  }

  #release(): void {
    this.#hold?.release();
    this.#hold = undefined;
  }
}

function createHold(): { readonly until: Promise<void>; release(): void } {
  let release: () => void = () => undefined;
  const until = new Promise<void>((resolve) => (release = resolve));
  return { until, release };
}
