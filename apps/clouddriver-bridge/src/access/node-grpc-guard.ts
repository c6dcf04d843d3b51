/**
 * Guards the connections under a gRPC server: one that does not come to its first stream in time is
 * ended, whether it hangs in TLS, in HTTP/2 or says nothing at all. Streams have guards of their own.
 */
import type { Server } from '@grpc/grpc-js';
import { type Socket } from 'node:net';

/** Why a connection was ended. */
export type GrpcRefusal = 'tls' | 'slow' | 'malformed';

/** Longest way from the connection to the first stream, ms. Agents open it at once. */
export const firstStreamMs = 15_000;

/** What is used of a `ServerHttp2Session`. */
interface Session {
  readonly socket?: Pick<Socket, 'remoteAddress' | 'remotePort'>;
  once(event: 'stream', listener: () => void): unknown;
}

/** What is used of an `Http2Server` or `Http2SecureServer`. */
interface ConnectionSource {
  on(event: 'connection', listener: (socket: Socket) => void): unknown;
  on(event: 'session', listener: (session: Session) => void): unknown;
  on(event: 'tlsClientError' | 'sessionError', listener: () => void): unknown;
}

/**
 * Guards connections made from now on; call it once the server is bound. Answers whether it could:
 * the sockets are no public part of grpc-js.
 */
export function guardConnections(server: Server, refused: (reason: GrpcRefusal) => void): boolean {
  const sources: unknown = Reflect.get(server, 'http2Servers');
  if (!(sources instanceof Map) || sources.size === 0) return false;
  for (const source of sources.keys() as Iterable<unknown>) {
    if (!isConnectionSource(source)) return false;
    guard(source, refused);
  }
  return true;
}

function guard(source: ConnectionSource, refused: (reason: GrpcRefusal) => void): void {
  const waiting = new Map<string, NodeJS.Timeout>();
  const settle = (key: string): void => {
    clearTimeout(waiting.get(key));
    waiting.delete(key);
  };
  source.on('connection', (socket) => {
    const key = keyOf(socket);
    const timer = setTimeout(() => {
      refused('slow');
      socket.destroy();
    }, firstStreamMs);
    waiting.set(key, timer.unref());
    socket.once('close', () => settle(key));
  });
  source.on('session', (session) => {
    const key = session.socket === undefined ? '' : keyOf(session.socket);
    session.once('stream', () => settle(key));
  });
  source.on('tlsClientError', () => refused('tls'));
  source.on('sessionError', () => refused('malformed'));
}

function keyOf({
  remoteAddress,
  remotePort,
}: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${String(remoteAddress)} ${String(remotePort)}`;
}

function isConnectionSource(value: unknown): value is ConnectionSource {
  return typeof value === 'object' && value !== null && 'on' in value;
}
