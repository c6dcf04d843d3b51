import { ApiTunnelError, chunksOf, noBody, type ApiRequest } from '@fairlead/api-tunnel';
import {
  ClusterClientError,
  type ClusterClientErrorCode,
  type LiveClient,
  type LiveRequest,
} from '@fairlead/cluster-client';
import { createAccountApi } from './account-api.ts';

const request: ApiRequest = {
  ...{ method: 'GET', target: '/version', headers: { accept: '*/*' }, upgrade: '', body: noBody },
  ...{ caller: 'somebody', signal: new AbortController().signal },
};

function failing(code: ClusterClientErrorCode, mayHaveRun: boolean): LiveClient {
  const error = new ClusterClientError(code, 'what happened', { mayHaveRun });
  return { exchange: () => Promise.reject(error) };
}

async function textOf(body: Parameters<typeof chunksOf>[0]): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(body)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe(createAccountApi, () => {
  it('sends a request as it is and hands the answer on', async () => {
    const seen: LiveRequest[] = [];
    const exchange: LiveClient['exchange'] = (live) => {
      seen.push(live);
      const body = chunksOf(Buffer.from('{}'));
      return Promise.resolve({ status: 418, headers: { a: 'b' }, body });
    };

    const response = await createAccountApi({ client: () => ({ exchange }) })(request);

    expect(seen).toEqual([request]);
    expect(response).toMatchObject({ status: 418, headers: { a: 'b' } });
    expect(await textOf(response.body)).toBe('{}');
  });

  it.each([
    ['unreachable', false, 'unreachable'],
    ['tls', false, 'unreachable'],
    ['credentials', false, 'unreachable'],
    ['timeout', false, 'unreachable'],
    ['timeout', true, 'noAnswer'],
    ['unreachable', true, 'interrupted'],
    ['interrupted', true, 'interrupted'],
    ['protocol', true, 'interrupted'],
    ['invalid', true, 'interrupted'],
    ['closed', false, 'unavailable'],
    ['closed', true, 'interrupted'],
    ['aborted', true, 'aborted'],
  ] as const)('tells of %s (may have run: %s) as %s', async (code, mayHaveRun, expected) => {
    const failure = await failureOf(
      createAccountApi({ client: () => failing(code, mayHaveRun) })(request),
    );

    expect(failure).toBeInstanceOf(ApiTunnelError);
    expect(failure).toMatchObject({ code: expected, mayHaveRun });
  });

  it('is unavailable without a client', async () => {
    const failure = await failureOf(createAccountApi({ client: () => undefined })(request));

    expect(failure).toMatchObject({ code: 'unavailable', mayHaveRun: false });
  });

  it.each([
    ['invalid', 400],
    ['impersonating', 403],
  ] as const)('answers a request that is %s with %d', async (code, status) => {
    const response = await createAccountApi({ client: () => failing(code, false) })(request);

    expect(response.status).toBe(status);
    expect(await textOf(response.body)).toContain("Fairlead's agent");
  });

  it('translates what a body fails with', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from('half'));
      throw new ClusterClientError('interrupted', 'cut', { mayHaveRun: true });
    }
    const exchange: LiveClient['exchange'] = () =>
      Promise.resolve({ status: 200, headers: {}, body: broken() });

    const { body } = await createAccountApi({ client: () => ({ exchange }) })(request);

    expect(await failureOf(textOf(body))).toMatchObject({ code: 'interrupted', mayHaveRun: true });
  });
});
