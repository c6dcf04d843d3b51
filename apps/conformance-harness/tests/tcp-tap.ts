/** A TCP forwarder on loopback that remembers every byte that passes. */
import { connect, createServer, type AddressInfo } from 'node:net';

/** A running tap. */
export interface TcpTap extends AsyncDisposable {
  /** Where to connect to instead: `127.0.0.1:PORT`. */
  readonly address: string;
  /** Everything that has passed towards the target so far. */
  upstreamBytes(): Buffer;
}

/** Forwards to `target` (`host:port`). */
export async function startTcpTap(target: string): Promise<TcpTap> {
  const [host = '', port = ''] = target.split(':');
  const passed: Buffer[] = [];
  const server = createServer((downstream) => {
    const upstream = connect(Number(port), host);
    downstream.on('data', (chunk) => passed.push(chunk));
    downstream.pipe(upstream).pipe(downstream);
    for (const [one, other] of [
      [downstream, upstream],
      [upstream, downstream],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    upstreamBytes: () => Buffer.concat(passed),
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
