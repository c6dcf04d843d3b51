/**
 * The one error of this room: a closed code, a short message without anything secret, and the
 * facts in fields. {@link ClusterClientError.from} is the only way in from foreign errors.
 */

/**
 * What went wrong.
 *
 * | code | when | retry? | who acts |
 * |---|---|---|---|
 * | `unreachable` | no connection: DNS, refused, no route, reset before the answer | yes | network |
 * | `tls` | handshake or certificate check failed | rarely | owner of CA or `tls-server-name` |
 * | `timeout` | no response headers (or no end of an exec plugin) in time | yes | nobody yet |
 * | `interrupted` | the connection broke in the middle of a body | yes | nobody |
 * | `protocol` | the answer is not HTTP, or not what `identify` can read | rarely | owner of the address |
 * | `credentials` | a token file, certificate or exec plugin cannot be read or fails | yes, slowly | owner of the account |
 * | `config` | the kubeconfig or the options are wrong | after a change | owner of the account |
 * | `refused` | `identify` got an HTTP error | yes | owner of RBAC |
 * | `tooLarge` | `text()` met more than `maxBytes` | no | caller |
 * | `invalid` | a live request whose method, path, header or body HTTP does not allow | no | caller |
 * | `impersonating` | a live request impersonates though the account's credentials do | no | caller |
 * | `aborted` | the caller's signal | no | caller |
 * | `closed` | `close()` was called | no | caller |
 */
export type ClusterClientErrorCode =
  | 'unreachable'
  | 'tls'
  | 'timeout'
  | 'interrupted'
  | 'protocol'
  | 'credentials'
  | 'config'
  | 'refused'
  | 'tooLarge'
  | 'invalid'
  | 'impersonating'
  | 'aborted'
  | 'closed';

/** Facts that go with a {@link ClusterClientError}; none of them secret. */
export interface ClusterClientErrorDetails {
  /** Node's or OpenSSL's own code, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`. */
  readonly systemCode?: string;
  /** File that could not be used. */
  readonly file?: string;
  /** HTTP status, for `refused`. */
  readonly status?: number;
  /** Whether the API server may have executed a live request. @defaultValue false */
  readonly mayHaveRun?: boolean;
}

/** Thrown by everything in this room. */
export class ClusterClientError extends Error {
  override readonly name = 'ClusterClientError';
  /** What went wrong; the table at {@link ClusterClientErrorCode} says who must act. */
  readonly code: ClusterClientErrorCode;
  /** Node's or OpenSSL's own code; '' if there is none. */
  readonly systemCode: string;
  /** File that could not be used; '' if none is concerned. */
  readonly file: string;
  /** HTTP status; 0 if none is concerned. */
  readonly status: number;
  /** Of live exchanges: whether the API server may have executed the request. */
  readonly mayHaveRun: boolean;

  constructor(
    code: ClusterClientErrorCode,
    message: string,
    details: ClusterClientErrorDetails = {},
  ) {
    super(message);
    this.code = code;
    this.systemCode = details.systemCode ?? '';
    this.file = details.file ?? '';
    this.status = details.status ?? 0;
    this.mayHaveRun = details.mayHaveRun ?? false;
  }

  /**
   * Translates an error of Node's HTTP, TLS or file functions. Its message and cause are left
   * behind on purpose: TLS and parser messages can quote what they choked on.
   */
  static from(error: unknown, fallback: ClusterClientErrorCode): ClusterClientError {
    if (error instanceof ClusterClientError) return error;
    const systemCode = systemCodeOf(error);
    const code = codeOfSystemCode(systemCode) ?? fallback;
    const message = systemCode === '' ? MESSAGES[code] : `${MESSAGES[code]} (${systemCode})`;
    return new ClusterClientError(code, message, { systemCode });
  }

  /** The same error of a request that the API server may have executed. */
  ofRequestSent(): ClusterClientError {
    const { code, message, systemCode, file, status } = this;
    return new ClusterClientError(code, message, { systemCode, file, status, mayHaveRun: true });
  }
}

const MESSAGES: Readonly<Record<ClusterClientErrorCode, string>> = {
  unreachable: 'the API server cannot be reached',
  tls: 'no trusted TLS connection to the API server',
  timeout: 'the API server did not answer in time',
  interrupted: 'the connection broke in the middle of the answer',
  protocol: 'the answer is not what an API server sends',
  credentials: 'the credentials cannot be read',
  config: 'the configuration of the cluster is wrong',
  refused: 'the API server refused the request',
  tooLarge: 'the answer is larger than allowed',
  invalid: 'the request cannot be sent: it is not valid HTTP',
  impersonating: 'the request impersonates, and the credentials of the account already do',
  aborted: 'the request was aborted',
  closed: 'the client is closed',
};

/** The `code` of a Node error, '' if it has none. */
export function systemCodeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** Codes of Node, OpenSSL and the HTTP parser that name their own cause. */
function codeOfSystemCode(systemCode: string): ClusterClientErrorCode | undefined {
  if (systemCode === '' || systemCode === 'ECONNRESET' || systemCode === 'EPIPE') return undefined;
  if (/^(ENOTFOUND|EAI_|ECONNREFUSED|EHOST|ENET|EADDRNOTAVAIL)/.test(systemCode)) {
    return 'unreachable';
  }
  if (systemCode === 'ETIMEDOUT') return 'timeout';
  if (systemCode === 'ABORT_ERR') return 'aborted';
  if (systemCode.startsWith('HPE_')) return 'protocol';
  return TLS_CODES.test(systemCode) ? 'tls' : undefined;
}

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes, and OpenSSL's own. */
const TLS_CODES =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_|PATH_LENGTH_|ERROR_IN_C)/;
