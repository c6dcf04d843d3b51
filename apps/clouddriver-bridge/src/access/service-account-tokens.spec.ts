import { beforeEach, describe, expect, it } from '@jest/globals';
import { type ClusterRequest, type ClusterResponse } from '@fairlead/cluster-client';
import { createTokenReview } from './service-account-tokens.ts';

const nowMs = 1_700_000_000_000;
const rule = {
  subject: 'system:serviceaccount:fairlead:agent*',
  audience: 'fairlead',
  inCluster: false,
};
const claims = {
  sub: 'system:serviceaccount:fairlead:agent',
  aud: ['fairlead'],
  exp: nowMs / 1000 + 600,
};
const authenticated = {
  status: { authenticated: true, user: { username: claims.sub }, audiences: ['fairlead'] },
};

let requests: ClusterRequest[];
let opened: number;

beforeEach(() => {
  requests = [];
  opened = 0;
});

function tokenOf(payload: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(payload)}.signature`;
}

function reviewer(answer: { status?: number; text?: string; open?: () => Promise<void> } = {}) {
  return createTokenReview(rule, {
    clock: { nowMs: () => nowMs },
    openCluster: async () => {
      opened += 1;
      await answer.open?.();
      return {
        request: (request) => {
          requests.push(request);
          const text = answer.text ?? JSON.stringify(authenticated);
          const { status = 201 } = answer;
          const body = new Response('').body as unknown as ClusterResponse['body'];
          return Promise.resolve({ status, headers: {}, body, text: () => Promise.resolve(text) });
        },
      };
    },
  });
}

describe(createTokenReview, () => {
  it('takes the word of the cluster', async () => {
    const token = tokenOf(claims);

    const verdict = await reviewer()(token);

    expect(verdict).toEqual({
      kind: 'valid',
      facts: { name: claims.sub, groups: undefined, expiresAtMs: nowMs + 600_000 },
    });
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/tokenreviews',
    });
    expect(JSON.parse(String(requests[0]?.body))).toEqual({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token, audiences: ['fairlead'] },
    });
  });

  it.each<[string, object]>([
    ['another subject', { ...claims, sub: 'system:serviceaccount:other:agent' }],
    ['another audience', { ...claims, aud: 'kubernetes' }],
    ['no subject', { ...claims, sub: undefined }],
    ['a time that is past', { ...claims, exp: nowMs / 1000 }],
    ['no time', { ...claims, exp: undefined }],
  ])('does not even show the cluster a token with %s', async (_what, payload) => {
    expect(await reviewer()(tokenOf(payload))).toMatchObject({ kind: 'invalid' });
    expect(await reviewer()('not.a.token')).toMatchObject({ kind: 'invalid' });
    expect([requests.length, opened]).toEqual([0, 0]);
  });

  it.each<[string, object]>([
    ['does not know the token', { authenticated: false, error: 'expired' }],
    ['says nothing', {}],
    ['does not look at audiences', { ...authenticated.status, audiences: undefined }],
    ['names another user', { ...authenticated.status, user: { username: 'root' } }],
  ])('refuses a token when the cluster %s', async (_what, status) => {
    const text = JSON.stringify({ status });

    expect(await reviewer({ text })(tokenOf(claims))).toMatchObject({ kind: 'invalid' });
  });

  it.each([
    { status: 403, text: 'forbidden' },
    { status: 500, text: '' },
    { status: 200, text: '<html>' },
  ])('cannot say anything when the cluster answers %j', async (answer) => {
    const token = tokenOf(claims);

    const verdict = await reviewer({ ...answer, text: answer.text + token })(token);

    expect(verdict.kind).toBe('unavailable');
    expect(JSON.stringify(verdict)).not.toContain(token);
  });

  it('opens the cluster once, and again after it could not', async () => {
    let isAway = true;
    const check = reviewer({
      open: () => (isAway ? Promise.reject(new Error('no such file')) : Promise.resolve()),
    });

    expect(await check(tokenOf(claims))).toMatchObject({ kind: 'unavailable' });
    isAway = false;
    await Promise.all([check(tokenOf(claims)), check(tokenOf(claims))]);

    expect(opened).toBe(2);
    expect(requests).toHaveLength(2);
  });
});
