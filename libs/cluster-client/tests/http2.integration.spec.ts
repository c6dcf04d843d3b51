import { writeFile } from 'node:fs/promises';
import type { RequestListener, ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { join } from 'node:path';
import { createServer } from 'node:net';
import { clusterClientFromKubeconfig, type ClusterResponse } from '../src/index.ts';
import {
  pem,
  pemPath,
  startApiServer,
  startBlackhole,
  temporaryFolder,
  writeKubeconfig,
} from './api-server.ts';
import { failureOf, get, rig, type Rig } from './rig.ts';

/** Answers `/watch...` with a line and leaves it open, everything else at once. */
const watches: RequestListener = (request, response) => {
  if (request.url?.startsWith('/watch') === true) response.write('line\n');
  else response.end('ok');
};

async function firstLine(response: ClusterResponse): Promise<string> {
  const chunk = await response.body[Symbol.asyncIterator]().next();
  return String(chunk.value);
}

async function nextSession(it: Rig): Promise<void> {
  while (it.server.sessions.size === 0) await new Promise((resolve) => setImmediate(resolve));
}

function streamOf(response: ServerResponse): Http2ServerResponse['stream'] {
  return (response as unknown as Http2ServerResponse).stream;
}

describe('requests over HTTP/2', () => {
  it('share one connection, also those that come before it is there', async () => {
    await using it = await rig(watches, { scheme: 'h2' });

    const answers = await Promise.all(
      Array.from({ length: 30 }, () => it.client.request({ path: '/watch' })),
    );

    expect(await Promise.all(answers.map(firstLine))).toEqual(answers.map(() => 'line\n'));
    expect(it.server.connections()).toBe(1);
    expect(it.server.requests.every(({ httpVersion }) => httpVersion === '2.0')).toBe(true);
  });

  it('take another connection when the server allows no more streams on one', async () => {
    await using it = await rig(watches, { scheme: 'h2', maxStreams: 4 });

    const answers = await Promise.all(
      Array.from({ length: 10 }, () => it.client.request({ path: '/watch' })),
    );

    expect(await Promise.all(answers.map(firstLine))).toHaveLength(10);
    expect(it.server.connections()).toBe(3);
  });

  it('make no use of it when told not to', async () => {
    await using it = await rig((request, response) => response.end(request.httpVersion), {
      scheme: 'h2',
      client: { http2: 'never' },
    });

    expect(await get(it.client)).toBe('1.1');
  });

  it('go on over a new connection after GOAWAY, and those under way to their end', async () => {
    let answer: ServerResponse | undefined;
    await using it = await rig(
      (request, response) => {
        if (request.url === '/watch') answer = response;
        watches(request, response);
      },
      { scheme: 'h2' },
    );
    const watch = await it.client.request({ path: '/watch' });
    const chunks = watch.body[Symbol.asyncIterator]();
    await chunks.next();
    await nextSession(it);
    for (const session of it.server.sessions) session.close();

    while ((await get(it.client)) === 'ok' && it.server.connections() === 1);
    answer?.end('last\n');

    expect(String((await chunks.next()).value)).toBe('last\n');
    expect((await chunks.next()).done).toBe(true);
    expect(it.server.connections()).toBe(2);
  });

  it('are sent once more when the server refuses the stream', async () => {
    let refusals = 0;
    await using it = await rig(
      (request, response) => {
        if (request.url === '/refused' && refusals++ === 0) streamOf(response).close(7);
        else response.end('ok');
      },
      { scheme: 'h2' },
    );

    expect(await get(it.client, '/refused')).toBe('ok');
  });

  it('are not sent again without end, nor at all when they may have had an effect', async () => {
    await using it = await rig((_, response) => streamOf(response).close(7), { scheme: 'h2' });

    expect((await failureOf(get(it.client))).code).toBe('unreachable');
    expect(it.server.requests).toHaveLength(2);
    const posting = it.client.request({ method: 'POST', path: '/x', body: '{}' });
    expect((await failureOf(posting)).code).toBe('unreachable');
    expect(it.server.requests).toHaveLength(3);
  });
});

describe('a body over HTTP/2', () => {
  it.each([0, 2, 8])('that is reset with code %d before its end is interrupted', async (code) => {
    await using it = await rig(
      (_, response) => {
        response.write('half');
        setImmediate(() => streamOf(response).close(code));
      },
      { scheme: 'h2' },
    );
    const response = await it.client.request({ path: '/watch' });

    // A reset without an error is how a server may end a body in order.
    const outcome = code === 0 ? await response.text() : await failureOf(response.text());

    expect(outcome).toEqual(code === 0 ? 'half' : expect.objectContaining({ code: 'interrupted' }));
  });

  it('that was answered whole before anybody reads is all there', async () => {
    let closed: () => void = () => undefined;
    const hasClosed = new Promise<void>((resolve) => (closed = resolve));
    await using it = await rig(
      (_, response) => {
        response.once('close', closed);
        response.end('all of it');
      },
      { scheme: 'h2' },
    );
    const response = await it.client.request({ path: '/x' });
    await hasClosed;
    // Its frames have reached this side when the answer to a later request has.
    await get(it.client);

    expect(await response.text()).toBe('all of it');
  });

  it('that nobody reads holds up no other', async () => {
    const chunk = Buffer.alloc(64 * 1024);
    await using it = await rig(
      (request, response) => {
        const send = (): void => {
          while (response.write(chunk));
          response.once('drain', send);
        };
        if (request.url === '/endless') send();
        else response.end('ok');
      },
      { scheme: 'h2' },
    );
    const unread = await Promise.all(
      Array.from({ length: 20 }, () => it.client.request({ path: '/endless' })),
    );

    expect(await get(it.client)).toBe('ok');

    expect(it.server.connections()).toBe(1);
    for (const response of unread) await response.body[Symbol.asyncIterator]().return?.();
  });
});

describe('an HTTP/2 connection', () => {
  it('that is silent and answers no ping is given up with all that is on it', async () => {
    await using server = await startApiServer('h2', watches);
    await using way = await startBlackhole(server.url);
    await using folder = await temporaryFolder();
    const kubeconfigFile = await writeKubeconfig(folder.path, {
      cluster: { server: way.url, 'certificate-authority': pemPath('ca') },
    });
    const silence = { pingAfterMs: 20, pingTimeoutMs: 20 };
    const client = await clusterClientFromKubeconfig({ kubeconfigFile, ...silence });
    const watch = await client.request({ path: '/watch' });
    const chunks = watch.body[Symbol.asyncIterator]();
    await chunks.next();
    way.swallow();

    expect((await failureOf(chunks.next())).code).toBe('interrupted');
    client.close();
  });

  it('that is silent but answers pings lives', async () => {
    let answer: ServerResponse | undefined;
    let pings = 0;
    await using it = await rig(
      (_, response) => {
        answer = response;
        response.write('one');
      },
      { scheme: 'h2', client: { pingAfterMs: 5, pingTimeoutMs: 5_000 } },
    );
    const watch = await it.client.request({ path: '/watch' });
    const chunks = watch.body[Symbol.asyncIterator]();
    await chunks.next();
    const pinged = new Promise<void>((resolve) => {
      for (const session of it.server.sessions)
        session.on('ping', () => ++pings === 3 && resolve());
    });
    await pinged;
    answer?.write('two');

    expect(String((await chunks.next()).value)).toBe('two');
    await chunks.return?.();
  });

  it('is replaced when the client certificate was rotated, and serves its watches to their end', async () => {
    let answer: ServerResponse | undefined;
    const folder = await temporaryFolder();
    const put = async (name: string): Promise<void> => {
      await writeFile(join(folder.path, 'client.pem'), pem(name));
      await writeFile(join(folder.path, 'client.key.pem'), pem(`${name}.key`));
    };
    await put('client');
    await using it = await rig(
      (request, response) => {
        if (request.url === '/watch') answer = response;
        watches(request, response);
      },
      {
        scheme: 'h2',
        user: {
          'client-certificate': join(folder.path, 'client.pem'),
          'client-key': join(folder.path, 'client.key.pem'),
        },
      },
    );
    const watch = await it.client.request({ path: '/watch' });
    const chunks = watch.body[Symbol.asyncIterator]();
    await chunks.next();

    await put('second-client');
    await it.client.reloadCredentials();
    await get(it.client);
    answer?.end('last');

    expect(it.server.connections()).toBe(2);
    expect(String((await chunks.next()).value)).toBe('last');
    await folder[Symbol.asyncDispose]();
  });

  it('that is still being made ends with the client', async () => {
    const sockets: { destroy(): void }[] = [];
    const mute = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as { port: number };
    await using folder = await temporaryFolder();
    const kubeconfigFile = await writeKubeconfig(folder.path, {
      cluster: { server: `https://127.0.0.1:${port}` },
    });
    const client = await clusterClientFromKubeconfig({ kubeconfigFile });
    const failure = failureOf(client.request({ path: '/x' }));
    while (sockets.length === 0) await new Promise((resolve) => setImmediate(resolve));

    client.close();

    expect((await failure).code).toBe('closed');
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => mute.close(resolve));
  });
});
