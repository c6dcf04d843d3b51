import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../tests/fake-clock.ts';
import { createAgentAuthenticator } from './agent-authenticator.ts';
import { type CertificateSubject } from './certificate-subject.ts';
import { type AgentRule } from './access-config.ts';
import { recheckMs } from './proven-credentials.ts';

const files: Record<string, string> = { '/token': 'from-file\n' };
const readFile = (path: string) => {
  const text = files[path];
  return text === undefined ? Promise.reject(new Error('ENOENT')) : Promise.resolve(text);
};

const rules: AgentRule[] = [
  { token: 'alpha', accounts: ['team-a-*'] },
  { tokenFile: '/token', accounts: ['team-b-*'] },
  { tokenFile: '/missing', accounts: ['*'] },
  { x509Subject: 'O=team-c, CN=agent-*', accounts: ['team-c-*', 'shared'] },
];

const clock = new FakeClock();

function theDoor(agentRules = rules) {
  return createAgentAuthenticator(agentRules, { readFile, clock, tokenChecks: () => undefined });
}

interface Shown {
  readonly token?: string;
  readonly header?: string;
  readonly subject?: CertificateSubject;
  readonly subjectExpiresAtMs?: number;
  readonly remoteAddress?: string;
}

function shown({ token, header, ...rest }: Shown) {
  const authorization = header ?? (token && `Bearer ${token}`);
  return { authorization, subject: undefined, remoteAddress: '192.0.2.1', ...rest };
}

async function allowed(
  given: { token?: string; header?: string; subject?: CertificateSubject },
  account: string,
): Promise<boolean | 'unknown'> {
  const outcome = await theDoor().authenticate(shown(given));
  return outcome.kind === 'known' ? outcome.identity.mayRegister(account) : 'unknown';
}

describe(createAgentAuthenticator, () => {
  it('knows an agent by its token, and which names that stands for', async () => {
    expect(await allowed({ token: 'alpha' }, 'team-a-prod')).toBe(true);
    expect(await allowed({ token: 'alpha' }, 'team-b-prod')).toBe(false);
  });

  it('reads tokens from files each time, since files rotate', async () => {
    expect(await allowed({ token: 'from-file' }, 'team-b-prod')).toBe(true);
    files['/token'] = 'rotated';
    expect(await allowed({ token: 'from-file' }, 'team-b-prod')).toBe('unknown');
    expect(await allowed({ token: 'rotated' }, 'team-b-prod')).toBe(true);
  });

  it('knows an agent by its certificate, attributes in any order', async () => {
    const subject = { CN: 'agent-7', OU: 'x', O: ['other', 'team-c'] };

    expect(await allowed({ subject }, 'shared')).toBe(true);
    expect(await allowed({ subject }, 'team-a-prod')).toBe(false);
  });

  it.each<[string, Parameters<typeof allowed>[0]]>([
    ['nothing', {}],
    ['another token', { token: 'beta' }],
    ['an empty token', { header: 'Bearer ' }],
    ['another scheme', { header: 'Basic alpha' }],
    ['the beginning of a token', { token: 'alph' }],
    ['another subject', { subject: { CN: 'agent-7', O: 'team-d' } }],
    ['half of the subject', { subject: { CN: 'agent-7' } }],
  ])('does not know an agent that brings %s', async (_what, given) => {
    expect(await allowed(given, 'team-a-prod')).toBe('unknown');
  });

  it('says why without repeating the token', async () => {
    const outcome = await theDoor().authenticate(shown({ token: 'topsecret' }));

    expect(outcome.kind).toBe('unknown');
    expect(JSON.stringify(outcome)).not.toContain('topsecret');
  });

  it('does not take a certificate that has expired', async () => {
    const subject = { CN: 'agent-7', O: 'team-c' };
    const { authenticate } = theDoor();

    const late = await authenticate(shown({ subject, subjectExpiresAtMs: clock.nowMs() }));
    const good = await authenticate(shown({ subject, subjectExpiresAtMs: clock.nowMs() + 1 }));

    expect([late.kind, good.kind]).toEqual(['unknown', 'known']);
  });

  it('lets everybody in where nobody is named', async () => {
    const outcome = await theDoor([]).authenticate(shown({}));

    expect(outcome.kind === 'known' && outcome.identity.mayRegister('any')).toBe(true);
  });

  it('refuses an address that guesses more than four times a second, and lets others in', async () => {
    const { authenticate } = theDoor();
    const guesses = Array.from({ length: 300 }, (_, at) =>
      authenticate(shown({ token: `guess-${at}` })),
    );
    const kinds = (await Promise.all(guesses)).map(({ kind }) => kind);

    const blocked = await authenticate(shown({ token: 'alpha' }));
    const other = await authenticate(shown({ token: 'alpha', remoteAddress: '192.0.2.2' }));

    expect(kinds.filter((kind) => kind === 'unknown')).toHaveLength(240);
    expect([blocked.kind, other.kind]).toEqual(['limited', 'known']);
  });
});

describe('an open link', () => {
  async function open(credentials: ReturnType<typeof shown>) {
    const door = theDoor();
    const outcome = await door.authenticate(credentials);
    const ended: string[] = [];
    if (outcome.kind !== 'known') throw new Error(outcome.reason);
    outcome.identity.watch((reason) => ended.push(reason));
    const stop = new AbortController();
    const done = door.run(stop.signal);
    return { ended, end: () => (stop.abort(new Error('over')), done) };
  }

  it('ends when its token file has another token', async () => {
    files['/token'] = 'first';
    const { ended, end } = await open(shown({ token: 'first' }));
    await clock.advance(recheckMs);
    expect(ended).toEqual([]);

    files['/token'] = 'second';
    await clock.advance(recheckMs);

    expect(ended).toEqual([expect.stringContaining('not valid any more')]);
    await end();
  });

  it('ends when its certificate expires, and stays until then', async () => {
    const credentials = {
      ...shown({ subject: { CN: 'agent-7', O: 'team-c' } }),
      subjectExpiresAtMs: clock.nowMs() + 10 * recheckMs,
    };
    const { ended, end } = await open(credentials);

    for (let round = 1; round < 10; round += 1) await clock.advance(recheckMs);
    expect(ended).toEqual([]);
    await clock.advance(recheckMs);

    expect(ended).toEqual(['its credentials have expired']);
    await end();
  });
});
