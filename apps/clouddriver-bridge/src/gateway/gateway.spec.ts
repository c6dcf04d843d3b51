import { ApiTunnelError, noBody, type ApiHandler, type ApiRequest } from '@fairlead/api-tunnel';
import { anybody, type ApiClient } from '../access/api-client.ts';
import { ApiError } from '../problem-details.ts';
import { createFindApi } from './find-api.ts';
import { Gateway, type GatewayAudit, type GatewayCall } from './gateway.ts';

const ok: ApiHandler = () => Promise.resolve({ status: 200, headers: {}, body: noBody });

function setUp(parts: { client?: Partial<ApiClient> | Error; api?: ApiHandler } = {}) {
  const asked: ApiRequest[] = [];
  const audits: GatewayAudit[] = [];
  const faults: unknown[] = [];
  const watches: ((reason: string) => void)[] = [];
  let released = 0;
  let nowMs = 1000;
  const watch: ApiClient['watch'] = (_use, onEnded) => {
    watches.push(onEnded);
    return () => (released += 1);
  };
  const gateway = new Gateway({
    authenticate: () =>
      parts.client instanceof Error
        ? Promise.reject(parts.client)
        : Promise.resolve({ ...anybody, name: 'ci', watch, ...parts.client }),
    findApi: createFindApi({
      isKnown: (account) => account !== 'none',
      liveApi: (account) =>
        account === 'prod'
          ? (request) => {
              asked.push(request);
              return (parts.api ?? ok)(request);
            }
          : undefined,
      peerApi: () => undefined,
      layers: [],
    }),
    clock: { nowMs: () => nowMs++ },
    audit: (entry) => audits.push(entry),
    fault: (error) => faults.push(error),
  });
  const begin = async (call: Partial<GatewayCall> = {}) => {
    const exchange = await gateway.begin({
      ...{ method: 'GET', url: '/clusters/prod/api/v1/pods?limit=1', headers: {}, upgrade: '' },
      credentials: { authorization: undefined, subject: undefined, remoteAddress: '10.0.0.9' },
      ...{ body: noBody, ended: new AbortController(), ...call },
    });
    const { status, headers, body } = exchange.response;
    const text = body instanceof Uint8Array ? Buffer.from(body).toString() : '';
    const said = text === '' ? '' : (JSON.parse(text) as { message: string }).message;
    return { status, headers, said, end: exchange.end };
  };
  return { begin, asked, audits, faults, watches, released: () => released };
}

describe(Gateway, () => {
  it('sends path and query on as they came, and who asks', async () => {
    const { begin, asked } = setUp();

    const { status } = await begin({ url: '/clusters/prod/api/v1/pods?labelSelector=a%3Db' });

    expect(status).toBe(200);
    expect(asked[0]).toMatchObject({ target: '/api/v1/pods?labelSelector=a%3Db', caller: 'ci' });
  });

  it('says of a client’s reads what its configuration says, unless the request does', async () => {
    const { begin, asked } = setUp({ client: { reads: 'cache' } });

    await begin();
    await begin({ headers: { 'fairlead-read': 'live' } });

    expect(asked.map(({ headers }) => headers)).toEqual([
      { 'fairlead-read': 'cache' },
      { 'fairlead-read': 'live' },
    ]);
  });

  it('writes down who did what, without the query', async () => {
    const { begin, audits, released } = setUp();

    const { end } = await begin();
    end('whole');

    expect(audits).toEqual([
      {
        ...{ client: 'ci', impersonates: '', remoteAddress: '10.0.0.9', account: 'prod' },
        ...{ verb: 'list', method: 'GET', path: '/api/v1/pods', upgrade: '', status: 200 },
        ...{ outcome: 'whole', durationMs: 1 },
      },
    ]);
    expect(released()).toBe(1);
  });

  it.each([
    ['/clusters/none/api', 404, 'there is no cluster "none"'],
    ['/clusters/', 404, 'the path names no cluster'],
    ['/clusters/a%zz/api', 404, 'the path names no cluster'],
    ['/clusters/away/api', 503, 'no agent that serves it is connected'],
  ])('answers %s with %d', async (url, status, said) => {
    const answer = await setUp().begin({ url });

    expect(answer.status).toBe(status);
    expect(answer.said).toContain(said);
  });

  it('says when to come again while an agent is away, and that nothing was done', async () => {
    const { headers, said } = await setUp().begin({ url: '/clusters/away/api' });

    expect(headers['retry-after']).toBe('5');
    expect(said).toContain('was not executed');
  });

  it('does not tell of a cluster that the client may not see', async () => {
    const { begin, asked } = setUp({ client: { mayRead: () => false } });

    expect(await begin()).toMatchObject({
      status: 404,
      said: expect.stringContaining('no cluster'),
    });
    expect(asked).toEqual([]);
  });

  it.each([
    ['POST', '/api/v1/namespaces/a/pods', ''],
    ['DELETE', '/api/v1/namespaces/a/pods/b', ''],
    ['GET', '/api/v1/namespaces/a/pods/b/exec?command=ls', 'websocket'],
    ['GET', '/api/v1/namespaces/a/pods/b/exec', ''],
    ['GET', '/api/v1/namespaces/a/pods/b/%65xec', ''],
    ['GET', '/api/v1/namespaces/a/services/b/proxy/x', ''],
  ])('keeps readers from %s %s', async (method, target, upgrade) => {
    const { begin, asked } = setUp({ client: { mayWrite: () => false } });

    const { status, said } = await begin({ method, url: `/clusters/prod${target}`, upgrade });

    expect([status, said]).toEqual([403, 'fairlead: ci may only read cluster prod']);
    expect(asked).toEqual([]);
  });

  it.each([
    ['GET', '/api/v1/namespaces/a/pods/b/log?follow=true'],
    ['POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'],
  ])('lets readers send %s %s', async (method, target) => {
    const { begin } = setUp({ client: { mayWrite: () => false } });

    expect((await begin({ method, url: `/clusters/prod${target}` })).status).toBe(200);
  });

  it('lets only those impersonate who may', async () => {
    const wanted: unknown[] = [];
    const mayImpersonate = (user: string, groups: readonly string[]): boolean => {
      wanted.push([user, groups]);
      return user === 'jane';
    };
    const { begin, audits } = setUp({ client: { mayImpersonate } });
    const groups = { 'impersonate-group': 'a, b\nc' };

    const jane = await begin({ headers: { 'impersonate-user': 'jane', ...groups } });
    jane.end('whole');
    const joe = await begin({ headers: { 'impersonate-user': 'joe' } });
    const nobody = await begin({ headers: { 'impersonate-extra-scopes': 'x' } });

    expect([jane.status, joe.status, nobody.status]).toEqual([200, 403, 403]);
    expect(wanted).toEqual([
      ['jane', ['a, b', 'c']],
      ['joe', []],
      ['', []],
    ]);
    expect(audits[0]?.impersonates).toBe('jane');
  });

  it('asks those whom it does not know who they are', async () => {
    const { begin, asked } = setUp({ client: new ApiError(401, 'a bearer token is needed') });

    const { status, headers, said } = await begin();

    expect([status, said]).toEqual([401, 'fairlead: a bearer token is needed']);
    expect(headers['www-authenticate']).toBe('Bearer');
    expect(asked).toEqual([]);
  });

  it.each([
    ['noAnswer', true, 504, 'may have been executed'],
    ['interrupted', true, 502, 'may have been executed'],
    ['unreachable', false, 503, 'was not executed'],
  ] as const)('says of %s what may have happened', async (code, mayHaveRun, status, said) => {
    const error = new ApiTunnelError(code, 'x', { mayHaveRun });
    const { begin, released } = setUp({ api: () => Promise.reject(error) });

    const answer = await begin();

    expect(answer).toMatchObject({ status, said: expect.stringContaining(said) });
    expect(released()).toBe(1);
  });

  it('tells nothing of its own faults but that they are there', async () => {
    const { begin, faults } = setUp({ api: () => Promise.reject(new Error('token=hunter2')) });

    expect(await begin()).toMatchObject({
      status: 500,
      said: expect.not.stringContaining('hunter2'),
    });
    expect(faults).toHaveLength(1);
  });

  it('ends what runs when the client may not have it any more', async () => {
    const { begin, asked, watches } = setUp();
    await begin();

    watches[0]?.('its token was taken back');

    expect(asked[0]?.signal.aborted).toBe(true);
  });

  it('ends what runs when the client has gone', async () => {
    const { begin, asked } = setUp();
    const ended = new AbortController();
    await begin({ ended });

    ended.abort();

    expect(asked[0]?.signal.aborted).toBe(true);
  });
});
