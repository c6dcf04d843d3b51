import { gzipSync } from 'node:zlib';
import {
  ApiTunnelError,
  chunksOf,
  noBody,
  type ApiRequest,
  type ApiResponse,
} from '@fairlead/api-tunnel';
import { operationsSchema } from '../operations-config.ts';
import { GuardedApi, type GuardedApiDeps, type GuardRefusal } from './guarded-api.ts';

const canary = 'Y2FuYXJ5LTRmMWM5ZQ==';
const json = { 'content-type': 'application/json' };
const secret = `{"kind":"Secret","apiVersion":"v1","metadata":{"name":"s"},"data":{"p":"${canary}"}}`;
const secrets = '/api/v1/namespaces/a/secrets';

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: ApiResponse['body'];
}

function setUp(operations: object = {}, more: Partial<GuardedApiDeps> = {}) {
  const sent: ApiRequest[] = [];
  const refusals: GuardRefusal[] = [];
  let answer: Answer = {};
  const guard = new GuardedApi(
    {
      account: 'prod',
      api: (request) => {
        sent.push(request);
        const { status = 200, headers = json, body = Buffer.from('{}') } = answer;
        return Promise.resolve({ status, headers, body });
      },
      redactedPathsOf: () => Promise.resolve(undefined),
      onRefusal: (refusal) => refusals.push(refusal),
      ...more,
    },
    operationsSchema.parse(operations),
  );
  const ask = (text: string, request: Partial<ApiRequest> = {}) => {
    const [method = '', target = ''] = text.split(' ');
    return guard.handle({
      ...{ method, target, headers: {}, upgrade: '', body: noBody, caller: 'me' },
      ...{ signal: new AbortController().signal },
      ...request,
    });
  };
  return { guard, sent, refusals, ask, answers: (next: Answer) => (answer = next) };
}

async function textOf({ body }: ApiResponse): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of chunksOf(body)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** A body that goes on until its signal aborts. */
async function* endless(request: () => ApiRequest | undefined, first: string) {
  yield await Promise.resolve(Buffer.from(first));
  const signal = request()?.signal;
  const isAborted = new Promise((resolve) => signal?.addEventListener('abort', resolve));
  if (signal?.aborted === false) await isAborted;
  throw new ApiTunnelError('aborted', 'over');
}

describe('a request that is not allowed', () => {
  it('is refused by the agent, which says so, and is not sent', async () => {
    const { ask, sent, refusals } = setUp({ allow: 'read-only' });

    const response = await ask('DELETE /api/v1/namespaces/a/pods/p');

    expect(response.status).toBe(403);
    expect(JSON.parse(await textOf(response))).toMatchObject({
      ...{ kind: 'Status', reason: 'Forbidden', code: 403 },
      message: expect.stringMatching(/agent refuses to delete pods .* account prod .*read-only/),
    });
    expect(sent).toEqual([]);
    expect(refusals).toEqual(['operations']);
  });

  it('is refused when it can be read in two ways', async () => {
    const { ask, sent } = setUp();

    const response = await ask('GET /api/v1/pods/../secrets');

    expect(response.status).toBe(400);
    expect(await textOf(response)).toContain('dot segments');
    expect(sent).toEqual([]);
  });

  it('is ended when it runs already, and others go on', async () => {
    const { guard, ask, sent, answers, refusals } = setUp();
    answers({ body: endless(() => sent[0], 'a') });
    const exec = await ask('POST /api/v1/namespaces/a/pods/p/exec');
    answers({ body: endless(() => sent[1], 'b') });
    const watch = await ask('GET /api/v1/pods?watch=1');

    guard.reconfigure(operationsSchema.parse({ allow: 'read-only' }));

    const failure = await failureOf(textOf(exec));
    expect(failure).toMatchObject({
      ...{ code: 'interrupted', mayHaveRun: true },
      message: expect.stringContaining('no longer allows it'),
    });
    expect(sent.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    expect(refusals).toEqual(['ended']);
    await (watch.body as AsyncGenerator).return(undefined);
    guard.reconfigure(operationsSchema.parse({ allow: 'none' }));
    expect(refusals).toEqual(['ended']);
  });

  it('ends with whoever asked', async () => {
    const { guard, ask, sent, answers, refusals } = setUp();
    const asker = new AbortController();
    answers({ status: 101, body: endless(() => sent[0], 'a') });
    await ask('GET /api/v1/namespaces/a/pods/p/exec', {
      upgrade: 'websocket',
      signal: asker.signal,
    });

    asker.abort();

    expect(sent[0]?.signal.aborted).toBe(true);
    guard.reconfigure(operationsSchema.parse({ allow: 'none' }));
    expect(refusals).toEqual([]);
  });
});

describe('what is asked of Secrets', () => {
  it.each([
    `GET ${secrets}/s`,
    `GET ${secrets}/s?watch=1`,
    'GET /api/v1/secrets',
    `GET /api/v1/namespaces/a/%73ecrets/s/status`,
    `POST ${secrets}?dryRun=All`,
    `PUT ${secrets}/s`,
    `PATCH ${secrets}/s`,
    `DELETE ${secrets}/s`,
    `DELETE ${secrets}`,
    `GET /api/v1/watch/namespaces/a/secrets/s`,
    `GET ${secrets}?watch=true&fieldSelector=metadata.name%3Ds`,
  ])('is answered without values: %s', async (text) => {
    const { ask, sent, answers } = setUp();
    const isWatch = /watch\/|watch=true/.test(text);
    const body = isWatch ? `{"type":"ADDED","object":${secret}}\n` : secret;
    const headers = { ...json, 'content-length': String(body.length), warning: canary };
    answers({ headers, body: chunksOf(Buffer.from(body)) });
    const accept = 'application/vnd.kubernetes.protobuf,application/json';

    const response = await ask(text, { headers: { accept, 'accept-encoding': 'gzip' } });
    const answered = await textOf(response);

    expect(answered).toContain('"name":"s"');
    expect(answered + JSON.stringify(response.headers)).not.toContain(canary);
    expect(response.headers).toEqual(json);
    expect(sent[0]?.headers).toEqual({ accept: 'application/json', 'accept-encoding': 'identity' });
  });

  it.each(['application/vnd.kubernetes.protobuf', 'application/yaml', 'application/cbor'])(
    'is refused as %s',
    async (accept) => {
      const { ask, sent, refusals } = setUp();

      const response = await ask(`GET ${secrets}`, { headers: { accept } });

      expect(response.status).toBe(406);
      expect(sent).toEqual([]);
      expect(refusals).toEqual(['form']);
    },
  );

  it('is refused over WebSocket', async () => {
    const { ask, sent } = setUp();

    const response = await ask(`GET ${secrets}?watch=1`, { upgrade: 'websocket' });

    expect(response.status).toBe(406);
    expect(sent).toEqual([]);
  });

  it.each<[string, Answer]>([
    ['protobuf', { headers: { 'content-type': 'application/vnd.kubernetes.protobuf' } }],
    ['gzip', { headers: { ...json, 'content-encoding': 'gzip' }, body: gzipSync(secret) }],
    ['text', { status: 500, headers: { 'content-type': 'text/plain' } }],
    ['no type', { headers: {} }],
    ['a switched connection', { status: 101 }],
    ['half an object', { body: Buffer.from(secret.slice(0, -1)) }],
    ['an unknown Status', { status: 422, body: Buffer.from(`{"kind":"Status","x":"${canary}"}`) }],
    ['an array', { body: Buffer.from(`["${canary}"]`) }],
  ])('is withheld when the API server answers with %s', async (_, answer) => {
    const { ask, answers, refusals } = setUp();
    answers({ body: Buffer.from(canary), ...answer });

    const response = await ask(`GET ${secrets}/s`);
    const text = await textOf(response);

    expect(response.status).toBe((answer.status ?? 200) < 400 ? 500 : answer.status);
    expect(text).toContain('withholds');
    expect(text).not.toContain(canary);
    expect(refusals).toEqual(['withheld']);
  });

  it('ends in the middle of a list when something is wrong there', async () => {
    const { ask, answers, refusals } = setUp();
    const parts = [`{"kind":"SecretList","items":[${secret},`, `{"x":${canary}}]}`];
    let isLeft = false;
    async function* body() {
      try {
        for (const part of parts) yield await Promise.resolve(Buffer.from(part));
      } finally {
        isLeft = true;
      }
    }
    answers({ body: body() });
    const response = await ask(`GET ${secrets}`);
    const reader = chunksOf(response.body);

    const first = await reader.next();

    expect(Buffer.from(first.value as Uint8Array).toString()).not.toContain(canary);
    expect(await failureOf(reader.next())).toMatchObject({ code: 'interrupted', mayHaveRun: true });
    expect(isLeft).toBe(true);
    expect(refusals).toEqual(['withheld']);
  });

  it('passes a head alone', async () => {
    const { ask, answers } = setUp();
    answers({ headers: { ...json, 'content-length': '5' }, body: noBody });

    expect(await ask(`HEAD ${secrets}/s`)).toEqual({ status: 200, headers: json, body: noBody });
  });

  it.each([
    ['pass', `GET ${secrets}`, true],
    ['pass', 'GET /api/v1/secrets', true],
    [[{ namespaces: ['a'] }], `GET ${secrets}`, true],
    [[{ namespaces: ['a'] }], 'GET /api/v1/secrets', false],
    [[{ namespaces: ['b'] }], `GET ${secrets}`, false],
    [[{ namespaces: ['*'], names: ['s'] }], `GET ${secrets}/s`, true],
    [[{ namespaces: ['*'], names: ['s'] }], `GET ${secrets}?fieldSelector=metadata.name%3Ds`, true],
    [[{ namespaces: ['*'], names: ['s'] }], `GET ${secrets}/t`, false],
    [[{ namespaces: ['*'], names: ['s'] }], `GET ${secrets}`, false],
  ])('passes whole only where the account says so: %j, %s', async (config, text, passes) => {
    const { ask, sent, answers } = setUp({ secrets: config });
    const body = `{"kind":"SecretList","items":[${secret}]}`;
    answers({ body: Buffer.from(body) });
    const headers = { accept: 'application/vnd.kubernetes.protobuf,application/json' };

    const answered = await textOf(await ask(text, { headers }));

    expect(answered.includes(canary)).toBe(passes);
    expect(sent[0]?.headers.accept === headers.accept).toBe(passes);
  });

  it('ends when values may no longer pass', async () => {
    const { guard, ask, sent, answers } = setUp({ secrets: 'pass' });
    answers({ body: endless(() => sent[0], secret) });
    const response = await ask(`GET ${secrets}?watch=1`);

    guard.reconfigure(operationsSchema.parse({ secrets: [{ namespaces: ['b'] }] }));

    expect(await failureOf(textOf(response))).toMatchObject({ code: 'interrupted' });
  });
});

describe('a Secret that is replaced', () => {
  const put = `PUT ${secrets}/s`;
  const whole = Buffer.from(secret);
  const empty = Buffer.from('{"kind":"Secret","metadata":{"name":"s"}}');

  it('is sent when it has values', async () => {
    const { ask, sent } = setUp();

    const response = await ask(put, { body: chunksOf(whole), headers: json });

    expect(response.status).toBe(200);
    expect(sent[0]?.body).toEqual(whole);
  });

  it.each<[number, object, Uint8Array]>([
    [403, json, empty],
    [403, {}, empty],
    [403, { 'content-type': 'application/json; charset=utf-8' }, empty],
    [415, { 'content-type': 'application/yaml' }, whole],
    [413, json, Buffer.alloc(4 * 1024 * 1024)],
  ])('is refused with %d otherwise: %j', async (status, headers, body) => {
    const { ask, sent, refusals } = setUp();

    for (const form of [body, chunksOf(body)]) {
      const response = await ask(put, { body: form, headers: { ...headers } });
      expect(response.status).toBe(status);
      expect(await textOf(response)).toContain("Fairlead's agent");
    }

    expect(sent).toEqual([]);
    expect(refusals).toEqual(['form', 'form']);
  });

  it('may be empty where its client sees the values', async () => {
    const { ask } = setUp({ secrets: 'pass' });

    expect((await ask(put, { body: empty, headers: json })).status).toBe(200);
  });

  it('may be patched with anything', async () => {
    const { ask } = setUp();

    expect((await ask(`PATCH ${secrets}/s`, { body: empty })).status).toBe(200);
  });
});

describe('what is asked of other kinds', () => {
  it('passes as it is, whatever its form', async () => {
    const { ask, sent, answers } = setUp();
    const body = Buffer.from([0x6b, 0x38, 0x73, 0]);
    const headers = { accept: 'application/vnd.kubernetes.protobuf', 'accept-encoding': 'gzip' };
    answers({ headers: { 'content-type': 'x', 'content-length': '4', warning: 'w' }, body });

    const response = await ask('GET /api/v1/namespaces/a/configmaps', { headers });

    expect(response.body).toBe(body);
    expect(response.headers).toEqual({ 'content-type': 'x', 'content-length': '4', warning: 'w' });
    expect(sent[0]?.headers).toEqual(headers);
  });

  it('is redacted where the configuration says so, and never a Table', async () => {
    const redacted = { kind: 'Door', paths: ['.spec.code'] };
    const { ask, sent, answers } = setUp({}, { redactedPathsOf: () => Promise.resolve(redacted) });
    answers({ body: Buffer.from(`{"kind":"Door","spec":{"code":"${canary}","w":1}}`) });
    const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

    const response = await ask('GET /apis/x.io/v1/doors/d', {
      headers: { accept: `${table},application/json` },
    });
    const refused = await ask('GET /apis/x.io/v1/doors', { headers: { accept: table } });

    expect(await textOf(response)).toBe('{"kind":"Door","spec":{"w":1}}');
    expect(sent[0]?.headers.accept).toBe('application/json');
    expect(refused.status).toBe(406);
  });

  it.each(['log', 'exec', 'attach', 'portforward', 'proxy'])(
    'is not looked into behind %s',
    async (subresource) => {
      const redacted = { kind: 'Pod', paths: ['.spec.x'] };
      const { ask, answers } = setUp({}, { redactedPathsOf: () => Promise.resolve(redacted) });
      answers({ headers: { 'content-type': 'text/plain' }, body: Buffer.from('line') });

      const response = await ask(`GET /api/v1/namespaces/a/pods/p/${subresource}`);

      expect(await textOf(response)).toBe('line');
    },
  );
});
