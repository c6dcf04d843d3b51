/** A TCP forwarder on loopback that remembers every byte that passes, and can hold them up. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A running tap. */
export interface TcpTap extends AsyncDisposable {
  /** Where to connect to instead: `127.0.0.1:PORT`. */
  readonly address: string;
  /** Everything that has passed towards the target so far. */
  upstreamBytes(): Buffer;
  /** Whether nothing passes towards the target any more. */
  readonly isHolding: boolean;
  /** Lets everything pass again, for good. */
  release(): void;
}

/** What a tap may be told. */
export interface TcpTapOptions {
  /** After so many bytes towards the target nothing passes until `release`. @defaultValue never */
  readonly holdAfterBytes?: number;
}

/** Forwards to `target` (`host:port`). */
export async function startTcpTap(target: string, options: TcpTapOptions = {}): Promise<TcpTap> {
  const [host = '', port = ''] = target.split(':');
  const passed: Buffer[] = [];
  const held = new Set<Socket>();
  let left = options.holdAfterBytes ?? Infinity;
  const server = createServer((downstream) => {
    const upstream = connect(Number(port), host);
    upstream.pipe(downstream);
    downstream.on('data', (chunk) => {
      passed.push(chunk);
      left -= chunk.byteLength;
      upstream.write(chunk);
      if (left > 0) return;
      held.add(downstream);
      downstream.pause();
    });
    endTogether(downstream, upstream);
    endTogether(upstream, downstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    upstreamBytes: () => Buffer.concat(passed),
    get isHolding() {
      return held.size > 0;
    },
    release: () => {
      left = Infinity;
      for (const socket of held) socket.resume();
      held.clear();
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function endTogether(one: Socket, other: Socket): void {
  one.on('error', () => other.destroy());
  one.on('close', () => other.destroy());
}
