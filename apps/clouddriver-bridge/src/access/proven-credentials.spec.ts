import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../tests/fake-clock.ts';
import { type Proof, type ProvenIdentity } from './credential-proof.ts';
import { proofLifeMs, ProvenCredentials, recheckMs, unavailableMs } from './proven-credentials.ts';

let clock: FakeClock;
let answer: (authorization: string) => Promise<Proof<string>>;
let asked: string[];
let proven: ProvenCredentials<string>;

beforeEach(() => {
  clock = new FakeClock();
  asked = [];
  answer = () => Promise.resolve(known(['a']));
  proven = new ProvenCredentials(({ authorization = '' }) => {
    asked.push(authorization);
    return answer(authorization);
  }, clock);
});

function anIdentity(rules: string[], expiresAtMs = Infinity): ProvenIdentity<string> {
  return { rules, description: 'x', name: '', groups: undefined, expiresAtMs };
}

function known(rules: string[], inDoubt: string[] = []): Proof<string> {
  return { kind: 'known', identity: anIdentity(rules), inDoubt };
}

function shown(authorization: string) {
  return { authorization, subject: undefined, remoteAddress: '192.0.2.1' };
}

function open(rules: string[], authorization = 'one', expiresAtMs = Infinity): string[] {
  const ended: string[] = [];
  const identity = anIdentity(rules, expiresAtMs);
  proven.watch(shown(authorization), identity, { onEnded: (reason) => ended.push(reason) });
  return ended;
}

async function rounds(count: number): Promise<void> {
  for (let round = 0; round < count; round += 1) {
    await clock.advance(recheckMs);
    await proven.recheck();
  }
}

describe(ProvenCredentials, () => {
  it('uses a proof again for a few seconds, wherever it comes from', async () => {
    await proven.prove(shown('one'));

    expect(await proven.recent({ ...shown('one'), remoteAddress: '192.0.2.9' })).toEqual(
      known(['a']),
    );
    expect(proven.recent(shown('two'))).toBeUndefined();
    await clock.advance(proofLifeMs);
    expect(proven.recent(shown('one'))).toBeUndefined();
  });

  it('does not use a proof for longer than the credentials are good', async () => {
    const identity = anIdentity(['a'], clock.nowMs() + 1000);
    answer = () => Promise.resolve({ kind: 'known', identity, inDoubt: [] });
    await proven.prove(shown('one'));

    await clock.advance(999);
    expect(proven.recent(shown('one'))).toBeDefined();
    await clock.advance(1);
    expect(proven.recent(shown('one'))).toBeUndefined();
  });

  it('shares a proof that is under way, and remembers none that failed', async () => {
    let settle: (proof: Proof<string>) => void = () => undefined;
    answer = () => new Promise((resolve) => (settle = resolve));
    const first = proven.prove(shown('one'));

    expect(proven.recent(shown('one'))).toBe(first);
    settle({ kind: 'unknown', reason: 'no', inDoubt: [] });
    await first;

    expect(proven.recent(shown('one'))).toBeUndefined();
  });

  it('does not remember a proof that broke', async () => {
    answer = () => Promise.reject(new Error('broken'));

    await expect(proven.prove(shown('one'))).rejects.toThrow('broken');

    expect(proven.recent(shown('one'))).toBeUndefined();
  });
});

describe('what is open', () => {
  it('is asked for once a round, however many there are', async () => {
    for (let count = 0; count < 50; count += 1) open(['a'], count % 2 === 0 ? 'one' : 'two');

    await rounds(3);

    expect(asked).toHaveLength(6);
    expect(proven.watchedCount).toBe(50);
  });

  it('ends when a rule that it stands on is refuted, and only once', async () => {
    const ended = open(['a']);
    answer = () => Promise.resolve({ kind: 'unknown', reason: 'gone', inDoubt: [] });

    await rounds(3);

    expect(ended).toEqual(['its credentials are not valid any more: gone']);
    expect(proven.watchedCount).toBe(0);
  });

  it('ends when it is refuted although another rule cannot be asked', async () => {
    const ended = open(['a']);
    answer = () => Promise.resolve({ kind: 'unavailable', reason: 'b is away', inDoubt: ['b'] });

    await rounds(1);

    expect(ended).toHaveLength(1);
  });

  it('ends when its credentials mean something else by now', async () => {
    const [one, both, wider] = [open(['a']), open(['a', 'b'], 'two'), open(['b'], 'three')];
    answer = (authorization) =>
      Promise.resolve(known(authorization === 'three' ? ['a', 'b'] : ['b']));

    await rounds(1);

    expect([one.length, both.length, wider.length]).toEqual([1, 1, 0]);
  });

  it('stays while nobody can say whether it may, and not for ever', async () => {
    const ended = open(['a']);
    const spoilt = open(['a'], 'spoilt');
    answer = (authorization) =>
      authorization === 'spoilt'
        ? Promise.reject(new Error('broken'))
        : Promise.resolve({ kind: 'unavailable', reason: 'away', inDoubt: ['a'] });

    await rounds(unavailableMs / recheckMs - 1);
    expect([ended, spoilt]).toEqual([[], []]);
    await rounds(1);

    expect(ended).toEqual(['its credentials could not be checked for too long: away']);
    expect(spoilt).toEqual(['its credentials could not be checked for too long: broken']);
  });

  it('begins anew to be patient after it was proven', async () => {
    const ended = open(['a']);
    const away = () =>
      Promise.resolve({ kind: 'unavailable', reason: '', inDoubt: ['a'] } as const);

    for (let outage = 0; outage < 3; outage += 1) {
      answer = away;
      await rounds(unavailableMs / recheckMs - 1);
      answer = () => Promise.resolve(known(['a']));
      await rounds(1);
    }

    expect(ended).toEqual([]);
  });

  it('ends when its credentials expire, without asking anybody', async () => {
    const ended = open(['a'], 'one', clock.nowMs() + recheckMs);

    await rounds(1);

    expect(ended).toEqual(['its credentials have expired']);
    expect(asked).toEqual([]);
  });

  it('ends for a reason of its own, alone', async () => {
    const ended: string[] = [];
    proven.watch(shown('one'), anIdentity(['a']), {
      objection: () => 'not this account',
      onEnded: (reason) => ended.push(reason),
    });
    const other = open(['a']);

    await rounds(1);

    expect([ended, other]).toEqual([['not this account'], []]);
  });
});
