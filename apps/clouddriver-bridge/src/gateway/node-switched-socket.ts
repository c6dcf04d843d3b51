/** A connection that has left HTTP: its head is written by hand, its bytes pass as they are. */
import { type Duplex } from 'node:stream';
import { chunksOf, type ApiResponse } from '@fairlead/api-tunnel';
import { statusTexts, validateHeaderName, validateHeaderValue } from '../node-http.ts';
import { answerHeadersOf } from './travelling-headers.ts';

/** How long a client may take to hang up after the server has, in milliseconds. */
const lingerMs = 10_000;

/** Switches, and passes the cluster's bytes on until it has no more. */
export async function runSwitched(answer: ApiResponse, socket: Duplex): Promise<void> {
  const protocol = answer.headers.upgrade ?? '';
  await write(socket, headOf(answer, { connection: 'Upgrade', upgrade: protocol }));
  for await (const chunk of chunksOf(answer.body)) await write(socket, chunk);
  await closed(socket);
}

/** An answer to a request that wanted to switch and may not: then the connection ends. */
export async function writeRefusal(answer: ApiResponse, socket: Duplex): Promise<void> {
  // The length of a body that is a stream is not known: its end is the connection's.
  await write(socket, headOf(answer, { connection: 'close' }));
  for await (const chunk of chunksOf(answer.body)) await write(socket, chunk);
  await closed(socket);
}

function headOf({ status, headers }: ApiResponse, own: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ ...answerHeadersOf(headers), ...own });
  for (const [name, value] of lines) {
    // A line feed in a value would make a second head of the rest.
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
  const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `HTTP/1.1 ${status} ${statusTexts[status] ?? 'Status'}\r\n${text}\r\n`;
}

/** Resolves when the socket takes more; rejects when it is gone. */
function write(socket: Duplex, chunk: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}

/** Ends this side, and waits for the other, but not for ever. */
function closed(socket: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.end();
    // What the client still says is thrown away, if nobody reads it: else its end is never seen.
    socket.resume();
    if (socket.closed) socket.emit('close');
  });
}
