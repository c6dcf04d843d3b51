import { findingsOf } from './finding.ts';
import { judgeTls, type ExpectedTls, type Handshake } from './judge-tls.ts';

const nowMs = Date.parse('2026-01-01T00:00:00Z');
const dayMs = 86_400_000;
const good: Handshake = {
  ...{ distrust: '', protocol: 'h2', subject: 'bridge', issuer: 'our CA' },
  ...{ names: 'DNS:bridge.example', validToMs: nowMs + 90 * dayMs },
};
const expected: ExpectedTls = {
  ...{ serverName: 'bridge.example', caOption: 'tls.cacertFile', isVerified: true },
  ...{ needsHttp2: true, nowMs },
};

const judge = (more: Partial<Handshake>, other: Partial<ExpectedTls> = {}) =>
  judgeTls(findingsOf('bridge'), { ...good, ...more }, { ...expected, ...other });

describe(judgeTls, () => {
  it('finds a good handshake good', () => {
    expect(judge({}).map(({ check, verdict }) => [check, verdict])).toEqual([
      ['certificate', 'ok'],
      ['http/2', 'ok'],
    ]);
  });

  it.each([
    ['SELF_SIGNED_CERT_IN_CHAIN', 'issued by "our CA", which is not trusted', 'tls.cacertFile'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'not for bridge.example: it is for DNS:', 'address'],
    ['CERT_HAS_EXPIRED', 'expired on 2026-04-01', 'renew'],
    ['CERT_REVOKED', 'not trusted (CERT_REVOKED)', 'OpenSSL'],
  ])('%s', (distrust, what, toDo) => {
    const [finding] = judge({ distrust });

    expect(finding).toMatchObject({
      verdict: 'fail',
      what: expect.stringContaining(what),
      toDo: expect.stringContaining(toDo),
    });
  });

  it('warns before the end, and of a certificate that nobody looks at', () => {
    expect(judge({ validToMs: nowMs + 3.5 * dayMs })[1]).toMatchObject({
      verdict: 'warn',
      what: 'certificate ends on 2026-01-04, in 3 days',
    });
    expect(judge({ distrust: 'CERT_HAS_EXPIRED' }, { isVerified: false })[0]?.verdict).toBe('warn');
  });

  it('fails where something on the way does not pass HTTP/2 on', () => {
    expect(judge({ protocol: 'http/1.1' })[1]).toMatchObject({ check: 'http/2', verdict: 'fail' });
    expect(judge({ protocol: '' }, { needsHttp2: false })).toHaveLength(1);
  });
});
