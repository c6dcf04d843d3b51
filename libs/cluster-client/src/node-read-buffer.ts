/**
 * The buffer that sockets of HTTP/1.1 connections read into. Node would make a new one of 64 KiB for
 * each read, though its HTTP parser copies the bodies out: garbage as large as all that is read,
 * outside V8's heap, where the collector is slow to look. All sockets of the thread share one, since
 * what was read is parsed before anything else is read; then it is overwritten with zeros, for it may
 * have been a Secret.
 */
import type { OnReadOpts } from 'node:net';
import type { Duplex } from 'node:stream';

/** What libuv asks for at a time (`alloc_cb` of uv_read_start). */
const readBytes = 64 * 1024;
const buffer = Buffer.alloc(readBytes);

/**
 * Makes a socket that reads into the shared buffer and hands out what came, as ever, as `data`: good
 * only until the listeners return. For requests and answers of Node's HTTP client; not for connections
 * that are upgraded, of which it would keep the first bytes.
 */
export function withSharedBuffer<S extends Duplex | null | undefined>(
  connect: (options: { readonly onread: OnReadOpts }) => S,
): S {
  const callback = (length: number): boolean => {
    socket?.emit('data', buffer.subarray(0, length));
    buffer.fill(0, 0, length);
    return true;
  };
  const socket = connect({ onread: { buffer, callback } });
  return socket;
}
