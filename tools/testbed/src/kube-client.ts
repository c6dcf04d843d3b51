/**
 * As much of a Kubernetes client as tests need to arrange a server: one request at a time, as the
 * administrator, and tokens for service accounts. Not what Fairlead itself talks with.
 */
import { request as httpsRequest, type Agent } from 'node:https';
import type { KeyAndCertificate } from './certificate-authority.ts';
import { TestbedError } from './testbed-error.ts';

/** Where an API server is and how its administrator proves to be one. */
export interface KubeConnection {
  /** Such as `https://127.0.0.1:16443`, without a path. */
  readonly url: string;
  /** The CA that signed the server's certificate. */
  readonly caPem: string;
  readonly admin: KeyAndCertificate;
}

/** One request to an API server. */
export interface KubeRequest {
  /** @defaultValue 'GET' */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path with query: `/api/v1/namespaces?limit=1`. */
  readonly path: string;
  /** Sent as JSON. @defaultValue nothing */
  readonly body?: unknown;
  /** @defaultValue 'application/json' */
  readonly contentType?: string;
}

/** What the API server answered, whatever its status. */
export interface KubeResponse {
  readonly status: number;
  /** The answer, parsed when it is JSON; else its text. */
  readonly body: unknown;
}

/** For whom a token is made, and for how long. */
export interface ServiceAccountTokenOptions {
  /** Must exist. @defaultValue 'default' */
  readonly namespace?: string;
  /** Created when it does not exist. */
  readonly name: string;
  /** Seconds; the API server refuses less than 600. @defaultValue 3600 */
  readonly expirationSeconds?: number;
  /** Whom the token is for. @defaultValue the API server itself */
  readonly audience?: string;
}

const conflict = 409;
/** A paused server must not hold a test until the test's own limit. */
const requestTimeoutMs = 30_000;

/**
 * Sends one request and reads the whole answer, on a connection of its own unless there is an
 * `agent` that keeps some.
 *
 * @throws TestbedError `requestFailed` when there is no answer; an error status is an answer
 */
export function sendKubeRequest(
  connection: KubeConnection,
  { method = 'GET', path, body, contentType = 'application/json' }: KubeRequest,
  agent: Agent | false = false,
): Promise<KubeResponse> {
  const { caPem: ca, admin } = connection;
  const sent = body === undefined ? '' : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      reject(new TestbedError('requestFailed', `no answer to ${method} ${path}`, { cause }));
    };
    const request = httpsRequest(new URL(path, connection.url), {
      method,
      ca,
      cert: admin.certificatePem,
      key: admin.privateKeyPem,
      agent,
      timeout: requestTimeoutMs,
      headers: {
        accept: 'application/json',
        'content-type': contentType,
        // Node says it unasked for other methods than DELETE, whose body nobody would read then.
        'content-length': Buffer.byteLength(sent),
      },
    });
    request.once('error', fail);
    request.once('timeout', () => request.destroy(new Error('timed out')));
    request.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('error', fail);
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, body: parseBody(text) });
      });
    });
    request.end(sent);
  });
}

/**
 * A token of a service account, made through the TokenRequest API as for a pod.
 *
 * @throws TestbedError `requestFailed` when the API server refuses
 */
export async function createServiceAccountToken(
  connection: KubeConnection,
  { namespace = 'default', name, expirationSeconds = 3600, audience }: ServiceAccountTokenOptions,
): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } };
  const created = await sendKubeRequest(connection, { method: 'POST', path, body: account });
  if (created.status !== conflict) expectSuccess(created);
  const answer = await sendKubeRequest(connection, {
    method: 'POST',
    path: `${path}/${name}/token`,
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds, ...(audience === undefined ? {} : { audiences: [audience] }) },
    },
  });
  expectSuccess(answer);
  return (answer.body as { status: { token: string } }).status.token;
}

function expectSuccess({ status, body }: KubeResponse): void {
  if (status >= 200 && status < 300) return;
  const message = (body as { message?: string } | undefined)?.message ?? '';
  throw new TestbedError('requestFailed', `the API server answered ${String(status)}: ${message}`);
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Logs and health checks are plain text.
    return text;
  }
}
