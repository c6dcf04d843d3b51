/**
 * Widens the HTTP/2 windows in which agents may send. grpc-js has an option for that, but only its
 * clients heed it (1.14); a server stays at Node's 64 KiB, which on a link of 100 ms round trip
 * lets 640 kB/s through.
 */
import type { Server } from '@grpc/grpc-js';

/** Per stream and per connection, in bytes: 20 MB/s at 100 ms. */
export const receiveWindowBytes = 2 * 1024 * 1024;

/** What is used of a `ServerHttp2Session`. */
interface Session {
  settings(settings: { readonly initialWindowSize: number }): void;
  setLocalWindowSize(bytes: number): void;
}

/** What is used of an `Http2Server`. */
interface SessionSource {
  on(event: 'session', listener: (session: Session) => void): unknown;
}

/**
 * Applies to connections made from now on; call it once the server is bound. Answers whether it
 * could: the sockets are no public part of grpc-js, and without them all works, only slower.
 */
export function widenReceiveWindows(server: Server): boolean {
  const sockets: unknown = Reflect.get(server, 'http2Servers');
  if (!(sockets instanceof Map) || sockets.size === 0) return false;
  for (const socket of sockets.keys() as Iterable<unknown>) {
    if (!isSessionSource(socket)) return false;
    socket.on('session', (session) => {
      session.settings({ initialWindowSize: receiveWindowBytes });
      session.setLocalWindowSize(receiveWindowBytes);
    });
  }
  return true;
}

function isSessionSource(value: unknown): value is SessionSource {
  return typeof value === 'object' && value !== null && 'on' in value;
}
