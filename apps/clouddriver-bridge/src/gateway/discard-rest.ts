/**
 * What a client still sends after it has its answer is read and thrown away by Node.js, so that the
 * connection can be used again; of a client that goes on and on the connection is ended.
 */
import type { IncomingMessage } from 'node:http';

/** As long as a client needs that has noticed the answer, in milliseconds. */
const patienceMs = 3000;

/** Gives the rest of a request that was answered a bound in time. */
export function discardRest(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  const { socket } = request;
  // The request itself counts as destroyed by now; only the connection can be ended.
  const timer = setTimeout(() => {
    if (!request.complete) socket.destroy();
  }, patienceMs);
  socket.once('close', () => clearTimeout(timer));
}
