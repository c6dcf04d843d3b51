import type { ApiRequest } from './api-exchange.ts';
import { ApiTunnelError } from './api-tunnel-error.ts';
import { RequestTunnel } from './request-tunnel.ts';
import { anAnswer, aRequest, aTunnel, settle, textOf } from './testing/exchanges.ts';

async function* stream(...parts: readonly string[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const part of parts) yield await Promise.resolve(Buffer.from(part));
}

const silence = (): Promise<never> => new Promise(() => undefined);

describe(RequestTunnel, () => {
  it('carries a small exchange in one message each way', async () => {
    const seen: ApiRequest[] = [];
    const { tunnel, near, far, happened } = aTunnel((request) => {
      seen.push(request);
      return Promise.resolve(anAnswer('pods', { headers: { 'content-type': 'text/plain' } }));
    });

    const answer = await tunnel.exchange('prod', aRequest({ headers: { accept: '*/*' } }));

    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'text/plain' } });
    expect(await textOf(answer.body)).toBe('pods');
    expect(seen[0]).toMatchObject({ method: 'GET', target: '/api/v1/pods', caller: 'somebody' });
    expect({ ...seen[0]?.headers }).toEqual({ accept: '*/*' });
    expect([near.sent.length, far.sent.length]).toEqual([1, 1]);
    expect(happened).toEqual(['idle']);
  });

  it('gathers an answer that says how small it is', async () => {
    const { tunnel, far } = aTunnel(() =>
      Promise.resolve(anAnswer(stream('po', 'ds'), { headers: { 'content-length': '4' } })),
    );

    const { body } = await tunnel.exchange('prod', aRequest());

    expect(await textOf(body)).toBe('pods');
    expect(far.sent).toHaveLength(1);
  });

  it('gives the head before there is a body', async () => {
    const { tunnel } = aTunnel(() =>
      Promise.resolve(anAnswer({ [Symbol.asyncIterator]: () => ({ next: silence }) })),
    );

    expect(await tunnel.exchange('prod', aRequest())).toMatchObject({ status: 200 });
  });

  it('carries one exchange after the other', async () => {
    const { tunnel } = aTunnel(async ({ body }) => anAnswer(stream(await textOf(body), '!')));

    for (const text of ['a', 'b'.repeat(200_000), '']) {
      const { body } = await tunnel.exchange('prod', aRequest({ body: stream(text) }));
      expect(await textOf(body)).toBe(`${text}!`);
      await settle();
      expect(tunnel.isIdle).toBe(true);
    }
  });

  it('pulls an answer only as fast as it is read', async () => {
    let pulled = 0;
    async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
      for (;;) {
        pulled += 1;
        yield await Promise.resolve(Buffer.alloc(64 * 1024));
      }
    }
    const { tunnel } = aTunnel(() => Promise.resolve(anAnswer(endless())));

    const { body } = await tunnel.exchange('prod', aRequest());
    await settle();
    const before = pulled;
    await settle();

    // Two in the body that is not read, four in the wire, one that waits.
    expect(before).toBeLessThan(12);
    expect(pulled).toBe(before);
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      expect(chunk).toHaveLength(64 * 1024);
      if (pulled > 40) break;
    }
  });

  it('ends a request that is answered before it is whole, and is free for the next', async () => {
    let isEnded = false;
    async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        for (;;) yield await Promise.resolve(Buffer.alloc(1024));
      } finally {
        isEnded = true;
      }
    }
    const { tunnel } = aTunnel(() => Promise.resolve(anAnswer('no', { status: 403 })));

    const answer = await tunnel.exchange('prod', aRequest({ method: 'POST', body: endless() }));
    await settle();

    expect(answer.status).toBe(403);
    expect(isEnded).toBe(true);
    expect(tunnel.isIdle).toBe(true);
  });

  it('carries a switched connection both ways until both have ended', async () => {
    let hangUp: () => void = () => undefined;
    async function* client(): AsyncGenerator<Uint8Array, void, undefined> {
      yield Buffer.from('ls');
      await new Promise<void>((resolve) => (hangUp = resolve));
    }
    const { tunnel } = aTunnel(({ body }) =>
      Promise.resolve(
        anAnswer(
          (async function* () {
            for await (const chunk of body as AsyncIterable<Uint8Array>) {
              yield Buffer.from(`> ${Buffer.from(chunk).toString()}`);
              break;
            }
          })(),
          { status: 101, headers: { upgrade: 'websocket' } },
        ),
      ),
    );

    const answer = await tunnel.exchange(
      'prod',
      aRequest({ upgrade: 'websocket', body: client() }),
    );
    const said = await textOf(answer.body);
    await settle();
    const whileOpen = tunnel.isIdle;
    hangUp();
    await settle();

    expect([answer.status, said]).toEqual([101, '> ls']);
    expect([whileOpen, tunnel.isIdle]).toEqual([false, true]);
  });

  it('ends both ends when nobody waits any more', async () => {
    const caller = new AbortController();
    let served: AbortSignal | undefined;
    const { tunnel, near, clock } = aTunnel(({ signal }) => {
      served = signal;
      return silence();
    });

    const answer = tunnel.exchange('prod', aRequest({ signal: caller.signal }));
    await settle();
    caller.abort();

    await expect(answer).rejects.toMatchObject({ code: 'aborted' });
    await settle();
    expect([served?.aborted, near.isCancelled, clock.waiting]).toEqual([true, true, 0]);
  });

  it('cancels when the reader leaves the body', async () => {
    const { tunnel, near } = aTunnel(() =>
      Promise.resolve(anAnswer(stream(...Array.from({ length: 100 }, () => 'x'.repeat(50_000))))),
    );

    const { body } = await tunnel.exchange('prod', aRequest());
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }

    expect(near.isCancelled).toBe(true);
  });

  it('says that a request may have run when the tunnel breaks before the answer', async () => {
    const { tunnel, near, happened } = aTunnel(silence);

    const answer = tunnel.exchange('prod', aRequest({ method: 'POST' }));
    near.close('connection reset');

    await expect(answer).rejects.toMatchObject({ code: 'interrupted', mayHaveRun: true });
    expect(happened).toContain('closed: connection reset');
  });

  it('breaks a body off when the tunnel breaks, after what has arrived', async () => {
    const { tunnel, near } = aTunnel(() =>
      Promise.resolve(
        anAnswer(
          (async function* () {
            yield Buffer.from('half');
            await silence();
          })(),
        ),
      ),
    );
    const { body } = await tunnel.exchange('prod', aRequest());
    const reader = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    await settle();

    near.close('connection reset');

    expect(Buffer.from((await reader.next()).value as Uint8Array).toString()).toBe('half');
    await expect(reader.next()).rejects.toBeInstanceOf(ApiTunnelError);
  });

  it('waits as long as the agent says that it is at work, and not without', async () => {
    const { tunnel, clock, far } = aTunnel(silence);
    const answer = tunnel.exchange('prod', aRequest());
    const outcome = answer.catch((error: unknown) => error);
    await settle();

    for (let at = 0; at < 20; at += 1) {
      clock.advance(5_000);
      await settle();
    }
    expect(tunnel.isIdle).toBe(false);
    far.pause();
    jest.spyOn(far, 'send').mockImplementation(() => undefined);
    clock.advance(15_000);

    expect(await outcome).toMatchObject({ code: 'noAnswer', mayHaveRun: true });
  });

  it('tells what the handler says and hides what it should not have said', async () => {
    const unreachable = new ApiTunnelError('unreachable', 'no route to the API server');
    const errors = [unreachable, new Error('password=hunter2')];
    const { tunnel, faults } = aTunnel(() => Promise.reject(errors.shift() ?? new Error()));

    await expect(tunnel.exchange('prod', aRequest())).rejects.toMatchObject({
      ...{ code: 'unreachable', message: 'no route to the API server', mayHaveRun: false },
    });
    await expect(tunnel.exchange('prod', aRequest())).rejects.toMatchObject({
      ...{ code: 'interrupted', message: 'the agent has failed; see its log', mayHaveRun: true },
    });
    expect(faults).toHaveLength(1);
    expect(tunnel.isIdle).toBe(true);
  });

  it('knows an account that is not served, and serves the next', async () => {
    const { tunnel } = aTunnel(() => Promise.resolve(anAnswer('ok')));

    await expect(tunnel.exchange('other', aRequest())).rejects.toMatchObject({
      ...{ code: 'unavailable', mayHaveRun: false },
    });
    await settle();
    const { body } = await tunnel.exchange('prod', aRequest());

    expect(await textOf(body)).toBe('ok');
  });

  it.each([
    ['a body before its head', { data: Buffer.from('x') }],
    ['an end before a head', { end: true }],
  ])('gives up on %s', async (what, message) => {
    const { tunnel, far } = aTunnel(silence);
    const answer = tunnel.exchange('prod', aRequest());
    const nothing = { hello: undefined, response: undefined, failure: undefined, working: false };

    far.send({ ...nothing, data: new Uint8Array(0), end: false, ...message });

    await expect(answer).rejects.toMatchObject({
      code: 'violated',
      message: `the agent sent ${what}`,
    });
  });
});
