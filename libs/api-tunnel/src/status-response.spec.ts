import { statusResponse } from './status-response.ts';

const parsed = (body: unknown): unknown => JSON.parse(Buffer.from(body as Uint8Array).toString());

describe(statusResponse, () => {
  it('is a Status object with the reason that belongs to the code', () => {
    const response = statusResponse({ status: 403, message: 'the agent refuses it' });

    expect(response.status).toBe(403);
    expect(response.headers).toEqual({ 'content-type': 'application/json' });
    expect(parsed(response.body)).toMatchObject({
      ...{ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', code: 403 },
      message: 'the agent refuses it',
    });
  });

  it('says when to come again in the header and in the object', () => {
    const response = statusResponse({
      ...{ status: 503, message: 'no agent', headers: { 'retry-after': '5' } },
    });

    expect(response.headers['retry-after']).toBe('5');
    expect(parsed(response.body)).toMatchObject({ details: { retryAfterSeconds: 5 } });
  });
});
