/** A TCP forwarder that counts what passes, in a process of its own so that it takes no time of others. */
import { connect, createServer, type AddressInfo } from 'node:net';
import { answerQuestions } from './child-process.ts';

/** Bytes that passed so far. */
export interface ProxiedBytes {
  /** Towards the target. */
  readonly up: number;
  /** From it. */
  readonly down: number;
}

let up = 0;
let down = 0;

answerQuestions({
  listen: ({ host, port }: { host: string; port: number }) =>
    new Promise((resolve) => {
      const server = createServer({ noDelay: true }, (near) => {
        const far = connect({ host, port, noDelay: true });
        near.on('data', (chunk) => (up += chunk.byteLength));
        far.on('data', (chunk) => (down += chunk.byteLength));
        near.pipe(far).pipe(near);
        near.on('error', () => far.destroy());
        far.on('error', () => near.destroy());
      });
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    }),
  bytes: (): ProxiedBytes => ({ up, down }),
});
