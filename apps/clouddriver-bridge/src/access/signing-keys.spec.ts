import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { createSigningKeys, KeysUnavailable, type SigningKeys } from './signing-keys.ts';

let jwks: JWK[];
let answer: () => Promise<string>;
let asked: number;
let clock: { ms: number; nowMs: () => number };
let keys: SigningKeys;

beforeAll(async () => {
  jwks = await Promise.all(
    ['k1', 'k2'].map(async (kid) => {
      const { publicKey } = await generateKeyPair('ES256', { extractable: true });
      return { ...(await exportJWK(publicKey)), kid };
    }),
  );
});

beforeEach(() => {
  clock = { ms: 1_000_000, nowMs: () => clock.ms };
  asked = 0;
  serve(jwks[0]!);
  const read = () => {
    asked += 1;
    return answer();
  };
  keys = createSigningKeys({ read, place: 'the keys', clock });
});

function serve(...served: JWK[]): void {
  answer = () => Promise.resolve(JSON.stringify({ keys: served }));
}

const find = (kid: string) => keys.find({ alg: 'ES256', kid });

describe(createSigningKeys, () => {
  it('asks once for many tokens', async () => {
    await Promise.all([find('k1'), find('k1'), find('k1')]);
    await find('k1');

    expect(asked).toBe(1);
  });

  it('asks again for a key that it does not know, but not at every guess', async () => {
    await find('k1');
    await expect(find('k2')).rejects.toThrow('no applicable key');
    expect(asked).toBe(1);
    serve(jwks[0]!, jwks[1]!);
    clock.ms += 5000;

    await find('k2');
    for (let guess = 0; guess < 10; guess += 1) await expect(find(`g${guess}`)).rejects.toThrow();

    expect(asked).toBe(2);
  });

  it('forgets a key that was withdrawn, a quarter of a minute later', async () => {
    await find('k1');
    serve(jwks[1]!);
    clock.ms += 15_000;

    // The old keys answer while the new ones are fetched.
    await find('k1');
    await new Promise(setImmediate);

    await expect(find('k1')).rejects.toThrow('no applicable key');
  });

  it('goes on with what it knows while the source is away, and not for ever', async () => {
    await find('k1');
    answer = () => Promise.reject(new Error('ECONNREFUSED'));

    clock.ms += 599_000;
    await find('k1');
    clock.ms += 1000;

    await expect(find('k1')).rejects.toThrow(KeysUnavailable);
    await expect(find('k1')).rejects.toThrow('the keys cannot be had');
  });

  it('does not make anybody wait for a source that hangs, as long as it has keys', async () => {
    await find('k1');
    answer = () => new Promise<string>(() => undefined);
    clock.ms += 60_000;

    await expect(find('k1')).resolves.toBeDefined();
  });

  it.each(['<html>', '[]', '{"keys":7}'])(
    'takes %s for no keys, without quoting it',
    async (text) => {
      answer = () => Promise.resolve(text);

      await expect(find('k1')).rejects.toThrow(KeysUnavailable);
      clock.ms += 5000;
      await expect(find('k1')).rejects.not.toThrow(text);
    },
  );
});
