/**
 * A TCP forwarder whose connections can fall into a black hole: nothing passes any more, in one
 * direction or in both, and neither side is told. Connections made afterwards are fine, as after a
 * network has lost its state.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Which direction is lost: towards the target, from it, or both. */
export type LostDirection = 'up' | 'down' | 'both';

/** A running forwarder. */
export interface BlackHole extends AsyncDisposable {
  /** Where to connect to instead: `127.0.0.1:PORT`. */
  readonly address: string;
  /** Loses every connection there is; answers how many that are. */
  swallow(direction: LostDirection): number;
  /** Connections made since the last {@link swallow}. */
  connectionsSince(): number;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  isLost: boolean;
}

/** Forwards to `target` (`host:port`). */
export async function startBlackHole(target: string): Promise<BlackHole> {
  const [host = '', port = ''] = target.split(':');
  const pairs = new Set<Pair>();
  let since = 0;
  const server = createServer((near) => {
    since += 1;
    const pair: Pair = { near, far: connect(Number(port), host), isLost: false };
    pairs.add(pair);
    near.pipe(pair.far);
    pair.far.pipe(near);
    for (const socket of [near, pair.far]) {
      socket.on('error', () => undefined);
      socket.on('close', () => end(pair));
    }
  });
  // The end of a lost connection is lost, too.
  const end = (pair: Pair): void => {
    if (pair.isLost) return;
    pairs.delete(pair);
    pair.near.destroy();
    pair.far.destroy();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    swallow: (direction) => {
      since = 0;
      const open = [...pairs].filter(({ isLost }) => !isLost);
      for (const pair of open) lose(pair, direction);
      return open.length;
    },
    connectionsSince: () => since,
    [Symbol.asyncDispose]: async () => {
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Stops reading what would pass: the sender's kernel goes on as if all were well. */
function lose(pair: Pair, direction: LostDirection): void {
  pair.isLost = true;
  if (direction !== 'down') {
    pair.near.unpipe(pair.far);
    pair.near.pause();
  }
  if (direction !== 'up') {
    pair.far.unpipe(pair.near);
    pair.far.pause();
  }
}
