import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  clusterClientFromKubeconfig,
  ClusterClientError,
  type LiveRequest,
  type LiveResponse,
} from '../src/index.ts';
import {
  pemPath,
  startBlackhole,
  startProxy,
  temporaryFolder,
  writeKubeconfig,
  type Scheme,
} from './api-server.ts';
import { failureOf, rig, type Rig } from './rig.ts';

const schemes: readonly Scheme[] = ['http', 'https', 'h2'];
const never = new AbortController().signal;

function asked(target: string, more: Partial<LiveRequest> = {}): LiveRequest {
  return { method: 'GET', target, headers: {}, signal: never, ...more };
}

async function textOf({ body }: LiveResponse): Promise<string> {
  let text = '';
  for await (const chunk of body) text += Buffer.from(chunk).toString();
  return text;
}

/** Answers with what arrived. */
const echo: RequestListener = (request, response) => {
  const chunks: Uint8Array[] = [];
  request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  request.on('end', () => {
    const { method, url, headers } = request;
    const body = Buffer.concat(chunks).toString();
    response.end(JSON.stringify({ method, url, headers, body }));
  });
};

interface Echoed {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

async function echoed(it: Rig, request: LiveRequest): Promise<Echoed> {
  return JSON.parse(await textOf(await it.client.exchange(request))) as Echoed;
}

async function* chunks(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Promise.resolve(Buffer.from(part));
}

describe.each(schemes)('a live exchange over %s', (scheme) => {
  it('passes method, target and headers as they are', async () => {
    await using it = await rig(echo, { scheme, user: { token: 'own' } });
    const target = '/api/v1/namespaces/a%2Fb//pods?labelSelector=a%3Db&x=+&x=%2520';
    const headers = { accept: 'application/json;as=Table', 'user-agent': 'kubectl', 'x-a': 'b, c' };

    const seen = await echoed(it, asked(target, { headers }));

    expect(seen).toMatchObject({ method: 'GET', url: target, headers, body: '' });
    expect(seen.headers.authorization).toBe('Bearer own');
  });

  it('sends none of the credentials and connection headers that came with it', async () => {
    await using it = await rig(echo, { scheme });
    const headers = {
      ...{ authorization: 'Bearer x', cookie: 'x', 'x-remote-user': 'admin', te: 'trailers' },
      ...{ 'proxy-authorization': 'x', 'transfer-encoding': 'gzip', host: 'elsewhere' },
      ...{ 'x-http-method-override': 'DELETE', 'x-original-url': '/elsewhere' },
      'sec-websocket-protocol':
        'base64url.bearer.authorization.k8s.io.elsewhere, v5.channel.k8s.io',
    };

    const seen = await echoed(it, asked('/x', { headers }));

    expect(Object.keys(seen.headers)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(auth|cook|x-rem|te$|proxy|transfer)/)]),
    );
    expect(JSON.stringify(seen.headers)).not.toMatch(/elsewhere|DELETE/);
    expect(seen.headers['sec-websocket-protocol']).toBe('v5.channel.k8s.io');
  });

  it.each([
    ['of a known length', Buffer.from('{"a":1}'), {}],
    ['in chunks', chunks('{"a"', ':1}'), {}],
    ['in chunks of a declared length', chunks('{"a"', ':1}'), { 'content-length': '7' }],
  ])('sends a body %s', async (_, body, headers) => {
    await using it = await rig(echo, { scheme });

    const seen = await echoed(it, asked('/x', { method: 'DELETE', headers, body }));

    expect(seen).toMatchObject({ method: 'DELETE', body: '{"a":1}' });
  });

  it.each([
    ['longer', chunks('{}', 'GET /smuggled')],
    ['shorter', chunks('{')],
  ])('ends when the body is %s than declared', async (_, body) => {
    await using it = await rig(echo, { scheme });
    const headers = { 'content-length': '2' };

    const failing = it.client.exchange(asked('/x', { method: 'POST', headers, body }));

    expect(await failureOf(failing)).toMatchObject({ code: 'invalid', mayHaveRun: true });
    expect(it.server.requests.filter(({ url }) => url !== '/x')).toEqual([]);
  });

  it('pulls the body only as the server reads it', async () => {
    const chunkBytes = 64 * 1024;
    let pulled = 0;
    let reading: IncomingMessage | undefined;
    await using it = await rig(
      (request, response) => {
        reading = request;
        response.flushHeaders();
      },
      { scheme },
    );
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (; pulled < 1000; pulled += 1) yield await Promise.resolve(Buffer.alloc(chunkBytes));
    }
    const stop = new AbortController();

    const request = asked('/x', { method: 'POST', body: endless(), signal: stop.signal });
    const response = await it.client.exchange(request);
    await quiet(() => pulled);
    const before = pulled;
    reading?.resume();
    await quiet(() => pulled);

    expect(before).toBeLessThan(300);
    expect(pulled).toBe(1000);
    stop.abort();
    expect(await failureOf(textOf(response))).toMatchObject({ code: 'aborted' });
  });

  it('hands the answer on as it comes, and ends it with the signal', async () => {
    await using it = await rig((_, response) => response.write('first'), { scheme });
    const stop = new AbortController();
    const response = await it.client.exchange(asked('/x?watch=1', { signal: stop.signal }));
    const reader = response.body[Symbol.asyncIterator]();

    const first = await reader.next();
    stop.abort();

    expect(String(first.value)).toBe('first');
    const failure = await failureOf(reader.next());
    expect(failure).toMatchObject({ code: 'aborted', mayHaveRun: true });
  });

  it('says that a request may have run whose connection broke, and sends it once', async () => {
    await using it = await rig(() => it.server.cut(), { scheme });

    const failure = await failureOf(it.client.exchange(asked('/x')));

    expect(failure).toBeInstanceOf(ClusterClientError);
    expect(failure.mayHaveRun).toBe(true);
    expect(it.server.requests).toHaveLength(1);
  });

  it('says that a request has not run that found no server', async () => {
    await using it = await rig(echo, { scheme });
    await it.server[Symbol.asyncDispose]();
    let isDeclined = false;
    const body = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(new Error('not to be read')),
        return: () => {
          isDeclined = true;
          return Promise.resolve({ done: true as const, value: undefined });
        },
      }),
    };

    const failure = await failureOf(it.client.exchange(asked('/x', { method: 'POST', body })));

    expect(failure).toMatchObject({ code: 'unreachable', mayHaveRun: false });
    expect(isDeclined).toBe(true);
  });

  it('has a limit for the head only where one is given', async () => {
    await using it = await rig(() => undefined, { scheme, client: { headersTimeoutMs: 50 } });
    const stop = new AbortController();
    const waiting = it.client.exchange(asked('/x', { signal: stop.signal }));

    const limited = await failureOf(it.client.exchange(asked('/y', { headersTimeoutMs: 60 })));
    stop.abort();

    expect(limited).toMatchObject({ code: 'timeout', mayHaveRun: true });
    expect((await failureOf(waiting)).code).toBe('aborted');
  });

  it('ends with the client', async () => {
    await using it = await rig((_, response) => response.write('x'), { scheme });
    const response = await it.client.exchange(asked('/x'));

    it.client.close();

    expect((await failureOf(textOf(response))).code).toMatch(/closed|interrupted/);
    expect((await failureOf(it.client.exchange(asked('/x')))).code).toBe('closed');
  });

  it('takes no connection of the watches', async () => {
    await using it = await rig(echo, { scheme });
    await (await it.client.request({ path: '/watch' })).text();

    await echoed(it, asked('/x'));

    expect(it.server.connections()).toBe(2);
  });

  it('keeps a connection for the next one', async () => {
    await using it = await rig(echo, { scheme });

    for (let round = 0; round < 5; round++) await echoed(it, asked('/x'));

    expect(it.server.connections()).toBe(1);
  });

  it.each(['/x y', 'x', '/x#y', '/x\r\nz: 1'])('refuses the target %j', async (target) => {
    await using it = await rig(echo, { scheme });

    expect((await failureOf(it.client.exchange(asked(target)))).code).toBe('invalid');
    expect(it.server.requests).toEqual([]);
  });
});

describe('a live exchange over HTTP/2', () => {
  it('is sent again when the server refuses the stream, if its body is whole', async () => {
    let refusals = 0;
    await using it = await rig(
      (request, response) => {
        if (refusals++ % 2 === 0) (response as unknown as { stream: Stream }).stream.close(7);
        else echo(request, response);
      },
      { scheme: 'h2' },
    );
    interface Stream {
      close(code: number): void;
    }
    const post = { method: 'POST', body: Buffer.from('{}') };

    const seen = await echoed(it, asked('/x', post));
    const streamed = it.client.exchange(asked('/x', { ...post, body: chunks('{}') }));

    expect(seen.body).toBe('{}');
    expect((await failureOf(streamed)).mayHaveRun).toBe(false);
    expect(it.server.requests).toHaveLength(3);
  });

  it('holds up no other one when its answer is not read', async () => {
    const part = Buffer.alloc(64 * 1024);
    let sentBytes = 0;
    const fill = (response: ServerResponse): void => {
      response.write(part, () => (sentBytes += part.length));
      response.once('drain', () => fill(response));
    };
    await using it = await rig(
      (request, response) => {
        if (request.url === '/big') fill(response);
        else response.end('small');
      },
      { scheme: 'h2' },
    );
    const stop = new AbortController();
    const stuck = await Promise.all(
      Array.from({ length: 90 }, () => it.client.exchange(asked('/big', { signal: stop.signal }))),
    );

    await quiet(() => sentBytes);

    const answer = await textOf(await it.client.exchange(asked('/small')));

    expect(answer).toBe('small');
    expect(sentBytes).toBeGreaterThan(20 * 1024 * 1024);
    expect(sentBytes).toBeLessThan(60 * 1024 * 1024);
    expect(it.server.connections()).toBe(1);
    expect(stuck).toHaveLength(90);
    stop.abort();
  });

  it('gives up a connection that nobody uses, and makes another one then', async () => {
    const client = { pingAfterMs: 10, idleTimeoutMs: 10 };
    await using it = await rig(echo, { scheme: 'h2', client });
    await echoed(it, asked('/x'));

    while (it.server.sessions.size > 0) await new Promise((resolve) => setImmediate(resolve));
    await echoed(it, asked('/x'));

    expect(it.server.connections()).toBe(2);
  });

  it('takes further connections beyond what the server allows on one', async () => {
    await using it = await rig((_, response) => response.write('x'), {
      ...{ scheme: 'h2', maxStreams: 4 },
    });
    const stop = new AbortController();

    await Promise.all(
      Array.from({ length: 10 }, () => it.client.exchange(asked('/x', { signal: stop.signal }))),
    );

    expect(it.server.connections()).toBe(3);
    stop.abort();
  });
});

describe('credentials of a live exchange', () => {
  it('are read anew after a 401, and a request without a body is sent once more', async () => {
    await using it = await rig(
      (request, response) => {
        response.statusCode = request.headers.authorization === 'Bearer new' ? 200 : 401;
        response.end('{}');
      },
      { scheme: 'h2', user: { tokenFile: 'token' }, ...withToken },
    );
    await writeFile(join(it.folder, 'token'), 'old');
    expect((await it.client.exchange(asked('/x'))).status).toBe(401);
    await writeFile(join(it.folder, 'token'), 'new');
    it.advance(2_000);

    const post = await it.client.exchange(asked('/x', { method: 'POST', body: Buffer.from('{}') }));
    const next = await it.client.exchange(asked('/x', { method: 'POST', body: Buffer.from('{}') }));
    await writeFile(join(it.folder, 'token'), 'newer');
    it.advance(2_000);
    const proxied = await it.client.exchange(asked('/api/v1/nodes/a/proxy/x'));

    expect([post.status, next.status, proxied.status]).toEqual([401, 200, 200]);
    expect(it.server.requests).toHaveLength(4);
  });

  it('are never merged with the impersonation of a request', async () => {
    await using it = await rig(echo, { user: { as: 'robot' } });
    const headers = { 'impersonate-group': 'system:masters' };

    expect((await failureOf(it.client.exchange(asked('/x', { headers })))).code).toBe(
      'impersonating',
    );
    expect((await echoed(it, asked('/x'))).headers['impersonate-user']).toBe('robot');
    expect(it.server.requests).toHaveLength(1);
  });

  it.each([{ scheme: 'h2' as const }, { scheme: 'https' as const }])(
    'impersonate all that a kubeconfig says, in every request: %j',
    async ({ scheme }) => {
      const user = {
        ...{ as: 'robot', 'as-uid': '7', 'as-groups': ['a, b', 'c'] },
        'as-user-extra': { 'Example.com/x': ['1', '2'] },
      };
      await using it = await rig(
        ({ headers, rawHeaders }, response) =>
          void response.end(JSON.stringify([headers, rawHeaders])),
        { scheme, user },
      );

      const live = await textOf(await it.client.exchange(asked('/x')));
      const own = await (await it.client.request({ path: '/x' })).text();

      for (const text of [live, own]) {
        expect(text).toContain('"impersonate-user":"robot"');
        expect(text).toContain('"impersonate-uid":"7"');
        expect(text).toContain('"impersonate-extra-example.com%2fx":"1, 2"');
        expect(text).toMatch(/"impersonate-group","a, b"/i);
        expect(text).toMatch(/"impersonate-group","c"/i);
      }
    },
  );

  it('are refused where groups are impersonated without a user', async () => {
    await using folder = await temporaryFolder();
    const kubeconfigFile = await writeKubeconfig(folder.path, {
      ...{ cluster: { server: 'https://127.0.0.1:1' }, user: { 'as-groups': ['a'] } },
    });

    const failure = await failureOf(clusterClientFromKubeconfig({ kubeconfigFile }));

    expect(failure.code).toBe('config');
  });

  it('leave the impersonation of a request as it is where they have none', async () => {
    await using it = await rig(
      (request, response) => response.end(JSON.stringify(request.rawHeaders)),
      {},
    );
    const headers = { 'impersonate-user': 'a', 'impersonate-group': 'b\nc, d' };

    const lines = await textOf(await it.client.exchange(asked('/x', { headers })));

    expect(lines).toContain('"impersonate-group","b","impersonate-group","c, d"');
  });
});

/** The test writes the token; the client reads it when it is made. */
const withToken = { before: async (folder: string) => writeFile(join(folder, 'token'), 'old') };

interface Upgraded {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
}

describe.each(['http', 'https', 'h2'] as const)('an upgraded connection of %s', (scheme) => {
  it('carries bytes both ways, and each side may end before the other', async () => {
    const upgraded: Upgraded[] = [];
    await using it = await rig(echo, { scheme, onUpgrade: switching(upgraded) });
    const sender = new Sender();

    const response = await it.client.exchange(asked('/exec', { ...spdy, body: sender }));
    const reader = response.body[Symbol.asyncIterator]();
    const greeting = await reader.next();
    sender.send('ping');
    const pong = await reader.next();
    sender.end();
    const last = await reader.next();
    const end = await reader.next();

    expect(response.status).toBe(101);
    expect(response.headers).toMatchObject({ upgrade: 'SPDY/3.1', 'x-stream': 'v4' });
    expect([greeting, pong, last].map(({ value }) => String(value))).toEqual([
      ...['hello', 'ping!', 'you have ended'],
    ]);
    expect(end.done).toBe(true);
    expect(upgraded[0]?.request.headers).toMatchObject({
      ...{ connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4' },
    });
  });

  it('ends the other side when the signal aborts', async () => {
    const upgraded: Upgraded[] = [];
    await using it = await rig(echo, { scheme, onUpgrade: switching(upgraded) });
    const stop = new AbortController();
    const sender = new Sender();
    const request = asked('/exec', { ...spdy, body: sender, signal: stop.signal });
    const response = await it.client.exchange(request);
    const closed = new Promise((resolve) => upgraded[0]?.socket.once('close', resolve));

    stop.abort();

    await closed;
    expect((await failureOf(textOf(response))).code).toBe('aborted');
    expect(sender.isLeft).toBe(true);
  });

  it('is an ordinary answer where the server will not switch', async () => {
    await using it = await rig(
      (_, response) => {
        response.statusCode = 403;
        response.end('no');
      },
      { scheme },
    );
    const sender = new Sender();

    const response = await it.client.exchange(asked('/exec', { ...spdy, body: sender }));

    expect([response.status, await textOf(response)]).toEqual([403, 'no']);
    expect(sender.isLeft).toBe(true);
  });
});

const spdy = {
  method: 'POST',
  upgrade: 'SPDY/3.1',
  headers: { 'x-stream-protocol-version': 'v4', 'content-length': '0' },
};

/** Greets, answers each chunk, and has a last word after the other side has ended. */
function switching(upgraded: Upgraded[]) {
  return (request: IncomingMessage, socket: Duplex): void => {
    upgraded.push({ request, socket });
    (socket as Duplex & { allowHalfOpen: boolean }).allowHalfOpen = true;
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n' +
        'X-Stream: v4\r\n\r\nhello',
    );
    socket.on('data', (chunk: Uint8Array) => socket.write(`${Buffer.from(chunk).toString()}!`));
    socket.on('end', () => socket.end('you have ended'));
    socket.on('error', () => undefined);
  };
}

/** A body that is written by hand. */
class Sender implements AsyncIterableIterator<Uint8Array> {
  readonly #queue: IteratorResult<Uint8Array, undefined>[] = [];
  #waiter: ((next: IteratorResult<Uint8Array, undefined>) => void) | undefined;
  isLeft = false;

  [Symbol.asyncIterator](): this {
    return this;
  }

  send(text: string): void {
    this.#push({ done: false, value: Buffer.from(text) });
  }

  end(): void {
    this.#push({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const next = this.#queue.shift();
    if (next !== undefined) return Promise.resolve(next);
    return new Promise((resolve) => (this.#waiter = resolve));
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.isLeft = true;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  #push(next: IteratorResult<Uint8Array, undefined>): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter === undefined) this.#queue.push(next);
    else waiter(next);
  }
}

describe('a live exchange through a proxy', () => {
  it('and an upgrade go through it', async () => {
    await using proxy = await startProxy();
    const upgraded: Upgraded[] = [];
    await using it = await rig(echo, {
      ...{ cluster: { 'proxy-url': proxy.url }, onUpgrade: switching(upgraded) },
    });
    const sender = new Sender();

    const seen = await echoed(it, asked('/x'));
    const response = await it.client.exchange(asked('/exec', { ...spdy, body: sender }));
    const greeting = await response.body[Symbol.asyncIterator]().next();

    expect(seen.url).toBe('/x');
    expect(String(greeting.value)).toBe('hello');
    expect(proxy.targets).toHaveLength(2);
    // The proxy's agent is of a library that takes its time to load.
  }, 60_000);
});

describe('a live connection that is dead', () => {
  it('is given up by a ping, and the request may have run', async () => {
    await using it = await rig(echo, { scheme: 'h2' });
    await using way = await startBlackhole(it.server.url);
    await using dead = await rig(echo, {
      cluster: { server: way.url, 'certificate-authority': pemPath('ca') },
      client: { pingAfterMs: 20, pingTimeoutMs: 20 },
    });
    await echoed(dead, asked('/x'));
    way.swallow();

    const failure = await failureOf(dead.client.exchange(asked('/x')));

    expect(failure).toMatchObject({ code: 'interrupted', mayHaveRun: true });
  });
});

/** Settles when a count stands still over some turns of the event loop. */
async function quiet(count: () => number): Promise<void> {
  let before = -1;
  for (let still = 0; still < 200; still++) {
    if (count() !== before) still = 0;
    before = count();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
