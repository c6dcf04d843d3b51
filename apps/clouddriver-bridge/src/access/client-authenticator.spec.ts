import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../tests/fake-clock.ts';
import { accessSchema } from './access-config.ts';
import { createClientAuthenticator, type ClientRefusal } from './client-authenticator.ts';
import { recheckMs } from './proven-credentials.ts';

let clock: FakeClock;
let files: Record<string, string>;
let refusals: ClientRefusal[];
const properties: Record<string, Record<string, unknown>> = {};

beforeEach(() => {
  clock = new FakeClock();
  files = { '/deck': 'deck-token\n' };
  refusals = [];
});

const { clients } = accessSchema.parse({
  clients: [
    { name: 'deck', tokenFile: '/deck', accounts: ['team-*'], access: 'write' },
    { name: 'reader', token: 'reader-token' },
    {
      ...{ name: 'proxy', token: 'proxy-token', accounts: ['a'] },
      impersonate: { users: ['*@example.org'], groups: ['team-*'] },
    },
  ],
});

function theDoor() {
  return createClientAuthenticator(clients, {
    clock,
    readFile: (path) =>
      Promise.resolve().then(() => {
        const text = files[path];
        if (text === undefined) throw new Error('ENOENT');
        return text;
      }),
    tokenChecks: () => undefined,
    propertiesOf: (account) => properties[account],
    refused: (refusal) => refusals.push(refusal),
  });
}

function shown(token: string | undefined, remoteAddress = '192.0.2.1') {
  const authorization = token === undefined ? undefined : `Bearer ${token}`;
  return { authorization, subject: undefined, remoteAddress };
}

describe(createClientAuthenticator, () => {
  it('gives a client what its rule says', async () => {
    const { authenticate } = theDoor();

    const deck = await authenticate(shown('deck-token'));
    const reader = await authenticate(shown('reader-token'));

    expect(deck.name).toBe('deck');
    expect([deck.mayRead('team-a'), deck.mayWrite('team-a')]).toEqual([true, true]);
    expect([deck.mayRead('other'), deck.mayWrite('other')]).toEqual([false, false]);
    expect([reader.mayRead('other'), reader.mayWrite('other')]).toEqual([true, false]);
    expect(reader.mayImpersonate('jane@example.org', [])).toBe(false);
  });

  it('lets a client act as others only as far as its rule names them', async () => {
    const proxy = await theDoor().authenticate(shown('proxy-token'));

    expect(proxy.mayImpersonate('jane@example.org', ['team-a', 'team-b'])).toBe(true);
    expect(proxy.mayImpersonate('jane@example.org', ['team-a', 'system:masters'])).toBe(false);
    expect(proxy.mayImpersonate('root', [])).toBe(false);
    expect(proxy.mayImpersonate('', ['team-a'])).toBe(false);
  });

  it.each([undefined, 'other-token', 'reader-toke'])('does not know %s', async (token) => {
    await expect(theDoor().authenticate(shown(token))).rejects.toMatchObject({ status: 401 });
  });

  it('refuses an address that has failed too often, and says for how long', async () => {
    const { authenticate } = theDoor();
    for (let guess = 0; guess < 20; guess += 1) {
      await expect(authenticate(shown(`guess-${guess}`))).rejects.toMatchObject({ status: 401 });
    }

    await expect(authenticate(shown('reader-token'))).rejects.toMatchObject({
      status: 429,
      retryAfterSeconds: 3,
    });
    expect((await authenticate(shown('reader-token', '192.0.2.2'))).name).toBe('reader');
    await clock.advance(3000);
    expect((await authenticate(shown('reader-token'))).name).toBe('reader');
    expect(refusals.map(({ reason }) => reason)).toEqual([
      ...Array<string>(20).fill('unknown'),
      'limited',
    ]);
    expect(JSON.stringify(refusals)).not.toContain('guess-');
  });

  it('counts guesses that come at the same time', async () => {
    const { authenticate } = theDoor();

    const guesses = Array.from({ length: 100 }, (_, at) => authenticate(shown(`guess-${at}`)));
    const statuses = (await Promise.allSettled(guesses)).map((outcome) =>
      outcome.status === 'rejected' ? (outcome.reason as { status: number }).status : 0,
    );

    expect(statuses.filter((status) => status === 401)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(80);
  });

  it('lets who is known go on while somebody else fails from the same address', async () => {
    const { authenticate } = theDoor();
    await authenticate(shown('reader-token'));
    const guesses = Array.from({ length: 100 }, (_, at) => authenticate(shown(`guess-${at}`)));
    await Promise.allSettled(guesses);

    expect((await authenticate(shown('reader-token'))).name).toBe('reader');
  });

  it('does not take a hundred requests of one client for guesses', async () => {
    const { authenticate } = theDoor();

    const requests = Array.from({ length: 100 }, () => authenticate(shown('reader-token')));

    expect(await Promise.all(requests)).toHaveLength(100);
  });
});

describe('what a client has open', () => {
  async function opened(token: string, account?: string) {
    const door = theDoor();
    const ended: string[] = [];
    const client = await door.authenticate(shown(token));
    const dispose = client.watch({ account }, (reason) => ended.push(reason));
    const stop = new AbortController();
    const done = door.run(stop.signal);
    const end = async () => {
      stop.abort(new Error('test is over'));
      await done;
    };
    return { ended, dispose, end };
  }

  it('ends within 60 s after its token file has changed', async () => {
    const { ended, end } = await opened('deck-token');
    await clock.advance(recheckMs);
    expect(ended).toEqual([]);

    files['/deck'] = 'another';
    await clock.advance(recheckMs);

    expect(ended).toEqual([expect.stringContaining('not valid any more')]);
    expect(ended.join()).not.toContain('deck-token');
    await end();
  });

  it('stays while its token is good', async () => {
    const { ended, end } = await opened('deck-token');

    for (let round = 0; round < 100; round += 1) await clock.advance(recheckMs);

    expect(ended).toEqual([]);
    await end();
  });

  it('is not told of an end after it was closed', async () => {
    const { ended, dispose, end } = await opened('deck-token');

    dispose();
    delete files['/deck'];
    await clock.advance(recheckMs);

    expect(ended).toEqual([]);
    await end();
  });
});

describe('a bridge that names no client', () => {
  it('lets everybody do everything', async () => {
    const { authenticate } = createClientAuthenticator([], {
      clock,
      readFile: () => Promise.reject(new Error('ENOENT')),
      tokenChecks: () => undefined,
      propertiesOf: () => undefined,
      refused: (refusal) => refusals.push(refusal),
    });

    const client = await authenticate(shown(undefined));

    expect([client.mayRead('any'), client.mayWrite('any')]).toEqual([true, true]);
  });
});
