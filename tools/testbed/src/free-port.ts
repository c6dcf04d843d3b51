/**
 * Loopback ports for servers. They are taken from below the range that the kernel gives to outgoing
 * connections: a port from inside it could be gone when a killed server wants it back.
 */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { TestbedError } from './testbed-error.ts';

/** First port that is tried; below are the well-known services. */
const lowestPort = 15_000;
/** One above the last; Linux gives outgoing connections 32768 and up, macOS 49152 and up. */
const portLimit = 32_000;
/** Twenty taken ports in a row mean that something else is wrong. */
const maxTries = 20;
/** Between the choice and the server's own bind another process may have been quicker. */
const maxStarts = 3;

/** A port on 127.0.0.1 that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < maxTries; tries++) {
    const port = randomInt(lowestPort, portLimit);
    if (await canListen(port)) return port;
  }
  throw new TestbedError('startFailed', 'found no free port on 127.0.0.1');
}

/**
 * Runs `start` with a free port, and again with another when the server's log says that the port
 * was taken in between.
 */
export async function startOnFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let starts = 1; ; starts++) {
    try {
      return await start(await freePort());
    } catch (error: unknown) {
      if (starts === maxStarts || !saysPortTaken(error)) throw error;
    }
  }
}

function saysPortTaken(error: unknown): boolean {
  return error instanceof TestbedError && /address already in use/i.test(error.detail ?? '');
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
