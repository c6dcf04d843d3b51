import { beforeAll, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import { createJwtCheck, looksLikeJwt } from './json-web-tokens.ts';
import { createSigningKeys } from './signing-keys.ts';

const nowMs = 1_700_000_000_000;
const clock = { nowMs: () => nowMs };
const rule = {
  issuer: 'https://idp.example',
  audience: 'fairlead',
  subject: 'agent-*',
  claims: { team: 'a-*', zones: 'eu' },
  groupsClaim: 'groups',
  nameClaim: 'email',
};
const fitting: JWTPayload = {
  iss: 'https://idp.example',
  aud: ['other', 'fairlead'],
  sub: 'agent-7',
  exp: nowMs / 1000 + 600,
  team: 'a-1',
  zones: ['us', 'eu'],
  groups: ['team-a', 7, 'team-b'],
  email: 'seven@example.org',
};

let own: CryptoKey;
let foreign: CryptoKey;
let publicPem: string;
let keySet: string;

beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  own = pair.privateKey;
  foreign = (await generateKeyPair('ES256')).privateKey;
  const jwk = await exportJWK(pair.publicKey);
  publicPem = JSON.stringify(jwk);
  keySet = JSON.stringify({ keys: [{ ...jwk, kid: 'k1', alg: 'ES256' }] });
});

function checked(token: string, more: { groups?: readonly string[] } = {}) {
  const keys = createSigningKeys({ read: () => Promise.resolve(keySet), place: 'keys', clock });
  return createJwtCheck(rule, { keys, clock, ...more })(token);
}

function signed(claims: JWTPayload, key: CryptoKey = own): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'k1' }).sign(key);
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe(createJwtCheck, () => {
  it('tells who a token is of, its groups, and when it ends', async () => {
    const verdict = await checked(await signed(fitting));

    expect(verdict).toEqual({
      kind: 'valid',
      facts: {
        name: 'seven@example.org',
        groups: ['team-a', 'team-b'],
        expiresAtMs: nowMs + 600_000,
      },
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ['another issuer', { iss: 'https://idp.example/' }],
    ['another audience', { aud: 'fairlead2' }],
    ['another subject', { sub: 'root' }],
    ['no time at which it ends', { exp: undefined }],
    ['a time long past', { exp: nowMs / 1000 - 11 }],
    ['an end at this very moment', { exp: nowMs / 1000 }],
    ['a beginning in the future', { nbf: nowMs / 1000 + 60 }],
    ['another claim', { team: 'b-1' }],
    ['a claim that is none', { team: { a: 'a-1' } }],
    ['none of the elements', { zones: ['us'] }],
  ])('refuses a token with %s', async (_what, claims) => {
    const token = await signed({ ...fitting, ...claims });

    const verdict = await checked(token);

    expect(verdict).toMatchObject({ kind: 'invalid' });
    expect(JSON.stringify(verdict)).not.toContain(token.split('.')[1]);
  });

  it('refuses a token that somebody else has signed', async () => {
    expect(await checked(await signed(fitting, foreign))).toMatchObject({ kind: 'invalid' });
  });

  it('refuses a token without a signature', async () => {
    const token = `${part({ alg: 'none' })}.${part(fitting)}.`;

    expect(await checked(token)).toMatchObject({ kind: 'invalid' });
  });

  it('refuses a token that takes the public key for a shared secret', async () => {
    const head = `${part({ alg: 'HS256', kid: 'k1' })}.${part(fitting)}`;
    const signature = createHmac('sha256', publicPem).update(head).digest('base64url');

    expect(await checked(`${head}.${signature}`)).toMatchObject({ kind: 'invalid' });
  });

  it('refuses a token that was changed after it was signed', async () => {
    const [head, , signature] = (await signed(fitting)).split('.');
    const token = [head, part({ ...fitting, sub: 'agent-8' }), signature].join('.');

    expect(await checked(token)).toMatchObject({ kind: 'invalid' });
  });

  it.each([
    'a.b.c',
    `${part({ alg: 'ES256' })}.!.x`,
    `${part({ alg: 'ES256', kid: 'k9' })}.e30.AA`,
  ])('refuses %s', async (token) => {
    expect(await checked(token)).toMatchObject({ kind: 'invalid' });
  });

  it('wants one of the groups, if the rule names some', async () => {
    const token = await signed(fitting);

    expect(await checked(token, { groups: ['team-b*'] })).toMatchObject({ kind: 'valid' });
    expect(await checked(token, { groups: ['admins', '7'] })).toMatchObject({ kind: 'invalid' });
  });

  it('cannot say anything without keys', async () => {
    const read = () => Promise.reject(new Error('connect ECONNREFUSED'));
    const keys = createSigningKeys({ read, place: 'https://idp/keys', clock });

    const verdict = await createJwtCheck(rule, { keys, clock })(await signed(fitting));

    expect(verdict).toEqual({
      kind: 'unavailable',
      reason: 'the keys of https://idp/keys cannot be had: connect ECONNREFUSED',
    });
  });
});

describe(looksLikeJwt, () => {
  it.each([
    ['a.b.c', true],
    ['a.b', false],
    ['a.b.c.d', false],
    ['a.b.', false],
    ['s3cret', false],
  ])('says of %s: %s', (token, isOne) => {
    expect(looksLikeJwt(token)).toBe(isOne);
  });
});
