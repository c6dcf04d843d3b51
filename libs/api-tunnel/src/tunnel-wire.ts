/** The stream of messages under a tunnel, as both ends see it; grpc-js gives one, and so do tests. */

/** Sends `Out`, hears `In`. */
export interface TunnelWire<Out, In> {
  /** Who hears; set once, before the next turn of the event loop. Nothing is lost before that. */
  listen(listener: WireListener<In>): void;
  /** Sends a message; after the close nothing happens. */
  send(message: Out): void;
  /**
   * What to wait for before more is sent; `undefined`: there is room. Resolves, and never rejects,
   * also when the wire closes.
   */
  room(): Promise<void> | undefined;
  /** Hears nothing for a while: HTTP/2's flow control then holds the sender. */
  pause(): void;
  /** Hears again. */
  resume(): void;
  /** Ends this side after what was sent. */
  end(): void;
  /** Ends both sides at once. */
  cancel(): void;
}

/** What is heard on a wire. */
export interface WireListener<In> {
  /** A message, in order. */
  message(message: In): void;
  /** The wire is closed, for whatever reason; once, and the last thing. */
  closed(reason: string): void;
}

/** A clock for waits that mostly do not come to their end. */
export interface TunnelClock {
  /** Calls `act` after so many milliseconds, unless the answer is called before. */
  after(ms: number, act: () => void): () => void;
}

/**
 * Largest piece of a body in one message, in bytes. Larger ones save little (a message costs some
 * 20 us on both sides together), and hold up small ones of other tunnels on the connection.
 */
export const maxPieceBytes = 64 * 1024;
