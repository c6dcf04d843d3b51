/** The windows as a client sees them, which is the only place where they count. */
import { describe, expect, it } from '@jest/globals';
import { connect, type Settings } from 'node:http2';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { receiveWindowBytes, widenReceiveWindows } from '../src/receive-window.ts';

describe(widenReceiveWindows, () => {
  it('lets a client send more than 64 KiB before it hears from the server', async () => {
    const server = new Server();
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
        if (error) reject(error);
        else resolve(bound);
      });
    });

    expect(widenReceiveWindows(server)).toBe(true);
    const client = connect(`http://127.0.0.1:${port}`);
    await new Promise<void>((resolve) => {
      client.on('remoteSettings', (settings: Settings) => {
        if (settings.initialWindowSize === receiveWindowBytes) resolve();
      });
    });
    await new Promise<void>((resolve) => {
      client.ping(() => resolve());
    });

    expect(client.state.remoteWindowSize).toBeGreaterThanOrEqual(receiveWindowBytes);
    client.destroy();
    server.forceShutdown();
  });
});
