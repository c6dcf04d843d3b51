import { ClusterClientError } from './cluster-client-error.ts';

describe('ClusterClientError.from', () => {
  it.each([
    ['ENOTFOUND', 'unreachable'],
    ['EAI_AGAIN', 'unreachable'],
    ['ECONNREFUSED', 'unreachable'],
    ['EHOSTUNREACH', 'unreachable'],
    ['ECONNRESET', 'interrupted'],
    ['EPIPE', 'interrupted'],
    ['ETIMEDOUT', 'timeout'],
    ['ABORT_ERR', 'aborted'],
    ['HPE_INVALID_CONSTANT', 'protocol'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'tls'],
    ['', 'interrupted'],
  ])('translates %p to %s', (code, expected) => {
    const foreign = Object.assign(new Error('quotes a secret'), { code });

    const error = ClusterClientError.from(foreign, 'interrupted');

    expect(error).toMatchObject({ code: expected, systemCode: code });
  });

  it('leaves the foreign message and cause behind', () => {
    const error = ClusterClientError.from(new Error('quotes a secret'), 'unreachable');

    expect(error.message).not.toContain('secret');
    expect(error.cause).toBeUndefined();
  });

  it('hands its own kind on', () => {
    const own = new ClusterClientError('closed', 'the client is closed');

    expect(ClusterClientError.from(own, 'tls')).toBe(own);
  });
});
