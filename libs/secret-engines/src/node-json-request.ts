/** One HTTPS request with a JSON answer, for engines without a library of their own. */
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { httpRequest } from './node-http.ts';
import { SecretError, systemCodeOf } from './secret-error.ts';

/** What to send. */
export interface JsonRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. @defaultValue nothing */
  readonly body?: unknown;
  /** PEM of the authorities. @defaultValue Node's own */
  readonly ca?: Buffer | undefined;
  readonly signal: AbortSignal;
}

/** What came. */
export interface JsonAnswer {
  readonly status: number;
  /** `undefined` for a body that is no JSON. */
  readonly body: unknown;
}

/** Secrets are small: Vault's own limit for an entry is 1 MiB, twice in JSON. */
const maxAnswerBytes = 8 * 1024 * 1024;

/** Sends it. Any status is an answer; rejects with `SecretError` `unavailable` without one. */
export async function requestJson(options: JsonRequest): Promise<JsonAnswer> {
  const response = await send(options).catch((error: unknown) => {
    const code = systemCodeOf(error);
    throw new SecretError('unavailable', `no answer${code === '' ? '' : ` (${code})`}`);
  });
  const text = await readText(response);
  return { status: response.statusCode ?? 0, body: parseJson(text) };
}

function send({ url, method, headers, body, ca, signal }: JsonRequest): Promise<IncomingMessage> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method,
      signal,
      headers: {
        ...headers,
        accept: 'application/json',
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(ca === undefined ? {} : { ca }),
    });
    sent.once('error', reject);
    sent.once('response', resolve);
    sent.end(text);
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxAnswerBytes) throw new SecretError('malformed', 'the answer is too large');
      chunks.push(chunk);
    }
  } catch (error: unknown) {
    if (error instanceof SecretError) throw error;
    throw new SecretError('unavailable', 'the answer broke off');
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Proxies answer in HTML; the status tells.
  }
}
