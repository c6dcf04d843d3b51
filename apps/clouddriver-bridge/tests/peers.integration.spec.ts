/** Two bridges' doors, over real gRPC and TLS: who is let in, and what passes. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { noBody, type ApiHandler } from '@fairlead/api-tunnel';
import { linkServerOptions, PeerServiceService, type PeerServiceServer } from '@fairlead/protocol';
import { nodeTimers } from '@fairlead/service-kit';
import { type BridgeDoor } from '@fairlead/sql-cache';
import { acceptPeer } from '../src/peers/node-peer-server.ts';
import { OwnDoor } from '../src/peers/own-door.ts';
import { type BridgeConfig } from '../src/config.ts';

const certs = join(__dirname, 'certs');
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

const plain = { host: '127.0.0.1', port: 0 } as BridgeConfig['grpc'];
const tls = {
  ...plain,
  tls: { certFile: `${certs}/server.crt`, keyFile: `${certs}/server.key` },
} as BridgeConfig['grpc'];

/** A bridge that answers, and one that asks; each knows the other's row. */
async function twoBridges(grpc: BridgeConfig['grpc'], handler: ApiHandler) {
  const refusals: string[] = [];
  const failures: unknown[] = [];
  const make = (bridgeId: string) =>
    new OwnDoor({
      ...{ grpc, bridgeId, clock: nodeTimers },
      secrets: { content: (path) => readFile(path) },
      unreachable: (_id, error) => failures.push(error),
    });
  const [far, near] = [make('far'), make('near')];
  const rows = new Map<string, BridgeDoor>();
  const server = new Server(linkServerOptions);
  const deps = far.server({
    peers: { publicKeyOf: (id) => rows.get(id)?.publicKey },
    findHandler: (account) => (account === 'prod' ? handler : undefined),
    refused: (_peer, reason) => refusals.push(reason),
    fault: (error) => failures.push(error),
  });
  const service: PeerServiceServer = { exchange: (call) => void acceptPeer(call, deps) };
  server.addService(PeerServiceService, service);
  closers.push(() => server.forceShutdown());
  const credentials = await credentialsOf(grpc);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  far.opened(port);
  near.opened(1);
  rows.set('far', await far.describe());
  rows.set('near', await near.describe());
  const apis = near.apisOf({ doorOf: (id) => rows.get(id) });
  closers.push(() => apis.close());
  const ask = (account: string) =>
    apis.handlerOf(
      'far',
      account,
    )?.({
      ...{ method: 'GET', target: '/version', headers: {}, upgrade: '', body: noBody },
      ...{ caller: 'ci', signal: new AbortController().signal },
    });
  return { rows, refusals, failures, ask };
}

async function credentialsOf(grpc: BridgeConfig['grpc']): Promise<ServerCredentials> {
  if (grpc.tls === undefined) return ServerCredentials.createInsecure();
  const [ca, cert_chain, private_key] = await Promise.all(
    ['ca.crt', 'server.crt', 'server.key'].map((name) => readFile(join(certs, name))),
  );
  return ServerCredentials.createSsl(ca!, [{ cert_chain: cert_chain!, private_key: private_key! }]);
}

const answer: ApiHandler = ({ caller }) =>
  Promise.resolve({ status: 200, headers: { 'x-caller': caller }, body: Buffer.from('v1') });

describe('a request that another bridge passes on', () => {
  it.each([
    ['in the clear', plain],
    ['over TLS, by the certificate in the database', tls],
  ])('is answered %s', async (_how, grpc) => {
    const { ask } = await twoBridges(grpc, answer);

    expect(await ask('prod')).toMatchObject({ status: 200, headers: { 'x-caller': 'ci' } });
  });

  it('goes no further when the account is not there', async () => {
    const { ask } = await twoBridges(plain, answer);

    await expect(ask('other')).rejects.toMatchObject({ code: 'unavailable', mayHaveRun: false });
  });

  it('is refused when nobody in the database has signed it', async () => {
    const { ask, rows, refusals } = await twoBridges(plain, answer);
    rows.set('near', { ...rows.get('near')!, publicKey: rows.get('far')!.publicKey });

    await expect(ask('prod')).rejects.toMatchObject({ name: 'ApiTunnelError' });

    expect(refusals).toContain('ERR_JWS_SIGNATURE_VERIFICATION_FAILED');
  });

  it('does not go to a server that shows another certificate than the database has', async () => {
    const { ask, rows } = await twoBridges(tls, answer);
    const certificate = await readFile(join(certs, 'stranger.crt'), 'utf8');
    rows.set('far', { ...rows.get('far')!, certificate });

    await expect(ask('prod')).rejects.toMatchObject({ name: 'ApiTunnelError' });
  });

  it('is not asked of a bridge that has no door', async () => {
    const { ask, rows } = await twoBridges(plain, answer);
    rows.delete('far');

    expect(ask('prod')).toBeUndefined();
  });
});
