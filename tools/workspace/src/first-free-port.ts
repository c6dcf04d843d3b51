/** Finds a loopback port: the wanted one if it is free, else the next that is. */
import { createServer } from 'node:net';

/** The first free port of 127.0.0.1 at or above `wanted`. */
export async function firstFreePort(wanted: number): Promise<number> {
  for (let port = wanted; port < 65_536; port += 1) {
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port at or above ${wanted}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
