/** The gateway's HTTP over real sockets: answers of all kinds, and agents that mean no good. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { noBody, type ApiHandler, type ApiRequest, type ApiResponse } from '@fairlead/api-tunnel';
import { anybody } from '../src/access/api-client.ts';
import { createFindApi } from '../src/gateway/find-api.ts';
import { Gateway, type GatewayAudit } from '../src/gateway/gateway.ts';
import { GatewayFront } from '../src/gateway/node-gateway-front.ts';
import { createPort } from '../src/node-http-server.ts';

let server: Server;
let audits: GatewayAudit[];

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** A port whose every cluster answers with `handler`. */
async function serve(handler: ApiHandler): Promise<number> {
  audits = [];
  const gateway = new Gateway({
    authenticate: () => Promise.resolve(anybody),
    findApi: createFindApi({
      ...{ isKnown: () => true, liveApi: () => handler, peerApi: () => undefined, layers: [] },
    }),
    clock: { nowMs: () => 0 },
    audit: (entry) => audits.push(entry),
    fault: () => undefined,
  });
  const front = new GatewayFront({ gateway });
  const api = createServer().listeners('request')[0] as never;
  server = createPort({ api, front, tls: undefined, refused: () => undefined });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** All that the server says to these bytes until it hangs up. */
function say(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
    socket.on('close', () => resolve(heard));
    socket.on('error', reject);
    socket.write(text);
  });
}

const get = (method = 'GET'): string =>
  `${method} /clusters/a/x HTTP/1.1\r\nhost: b\r\nconnection: close\r\n\r\n`;
const switching =
  'GET /clusters/a/x HTTP/1.1\r\nhost: b\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\n\r\n';

const answering =
  (response: Partial<ApiResponse>): ApiHandler =>
  () =>
    Promise.resolve({ status: 200, headers: {}, body: noBody, ...response });

async function* parts(...texts: readonly string[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text));
}

describe('answers of a cluster', () => {
  it.each([
    ['a body that is known', { body: Buffer.from('pods') }, 'content-length: 4'],
    ['a body that comes in parts', { body: parts('po', 'ds') }, 'transfer-encoding: chunked'],
  ])('pass with %s', async (_what, response, framing) => {
    const port = await serve(answering(response));

    const heard = (await say(port, get())).toLowerCase();

    expect(heard).toContain('http/1.1 200 ok');
    expect(heard).toContain(framing);
    expect(audits).toMatchObject([{ status: 200, outcome: 'whole' }]);
  });

  it('have no body where HTTP allows none', async () => {
    const headers = { 'content-length': '4' };
    const port = await serve(answering({ headers }));

    expect(await say(port, get('HEAD'))).toMatch(/content-length: 4\r\n[^]*\r\n\r\n$/i);
    expect(audits).toMatchObject([{ status: 200, outcome: 'whole' }]);
  });

  it('are not taken for whole when they break off', async () => {
    const body = (async function* () {
      yield Buffer.from('half');
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error('the link broke');
    })();
    const port = await serve(answering({ body }));

    const heard = await say(port, get());

    expect(heard).toContain('half');
    expect(heard).not.toMatch(/\r\n0\r\n\r\n$/);
    expect(audits).toMatchObject([{ outcome: 'broken' }]);
  });
});

describe('an agent that means no good', () => {
  it.each([
    ['less', 'po'],
    ['more', 'pods and then HTTP/1.1 200 OK'],
  ])('cannot send %s than it says', async (_what, text) => {
    const port = await serve(answering({ headers: { 'content-length': '4' }, body: parts(text) }));

    const heard = await say(port, get());

    expect(heard).not.toContain('and then');
    expect(audits).toMatchObject([{ outcome: 'broken' }]);
  });

  it.each([
    ['a head', get(), 200],
    ['the head of a switched connection', switching, 101],
  ])('cannot put a second head into %s', async (_what, request, status) => {
    const headers = { upgrade: 'SPDY/3.1', 'x-a': 'b\r\nset-cookie: session=1' };
    const port = await serve(answering({ status, headers }));

    const heard = await say(port, request);

    expect(heard).not.toContain('session=1');
    expect(audits).toMatchObject([{ outcome: 'broken' }]);
  });
});

describe('a connection that switches', () => {
  it('passes bytes both ways, also those that came with its head', async () => {
    const port = await serve(({ body }: ApiRequest) => {
      const chunks = body as AsyncIterable<Uint8Array>;
      const echoed = (async function* () {
        for await (const chunk of chunks) {
          yield Buffer.from(`<${Buffer.from(chunk).toString()}>`);
          if (chunk.includes('!'.charCodeAt(0))) return;
        }
      })();
      const headers = { upgrade: 'SPDY/3.1' };
      return Promise.resolve({ status: 101, headers, body: echoed });
    });

    const heard = await say(port, `${switching}early!`);

    expect(heard).toMatch(/^HTTP\/1.1 101 Switching Protocols\r\n/);
    expect(heard).toContain('<early!>');
    while (audits.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(audits).toMatchObject([{ status: 101, outcome: 'whole', upgrade: 'SPDY/3.1' }]);
  });

  it('is refused in HTTP, and ends', async () => {
    const port = await serve(answering({ status: 403, body: Buffer.from('no') }));

    const heard = await say(port, switching);

    expect(heard).toMatch(/^HTTP\/1.1 403 Forbidden\r\n[^]*connection: close\r\n\r\nno$/);
  });

  it('is not switched to what Kubernetes does not speak', async () => {
    const asked: ApiRequest[] = [];
    const port = await serve((request) => {
      asked.push(request);
      return answering({})(request);
    });

    await say(
      port,
      'GET /clusters/a/x HTTP/1.1\r\nhost: b\r\nconnection: upgrade, close\r\nupgrade: h2c\r\n\r\n',
    );

    expect(asked).toMatchObject([{ upgrade: '', headers: {} }]);
  });
});
