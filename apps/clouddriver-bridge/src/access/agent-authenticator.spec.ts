import { describe, expect, it } from '@jest/globals';
import { createAgentAuthenticator } from './agent-authenticator.ts';
import { type CertificateSubject } from './certificate-subject.ts';
import { type AgentRule } from './access-config.ts';

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

async function allowed(
  given: { token?: string; header?: string; subject?: CertificateSubject },
  account: string,
): Promise<boolean | 'unknown'> {
  const authorization = given.header ?? (given.token && `Bearer ${given.token}`);
  const authenticate = createAgentAuthenticator(rules, readFile);
  const outcome = await authenticate({ authorization, subject: given.subject });
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
    const authenticate = createAgentAuthenticator(rules, readFile);

    const outcome = await authenticate({ authorization: 'Bearer topsecret', subject: undefined });

    expect(JSON.stringify(outcome)).not.toContain('topsecret');
  });

  it('lets everybody in where nobody is named', async () => {
    const outcome = await createAgentAuthenticator(
      [],
      readFile,
    )({
      authorization: undefined,
      subject: undefined,
    });

    expect(outcome.kind === 'known' && outcome.identity.mayRegister('any')).toBe(true);
  });
});
