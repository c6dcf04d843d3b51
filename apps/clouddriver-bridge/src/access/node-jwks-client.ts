/** Reads a JSON Web Key Set over HTTPS: bounded in time and size, without redirects. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { httpRequest } from '../node-http.ts';

/** Where it is. */
export interface JwksPlace {
  readonly url: string;
  /** PEM of the authorities. @defaultValue those that Node.js knows */
  readonly caFile: string | undefined;
}

/** RFC 7517, which Kubernetes insists on; identity providers answer as they like. */
const accept = 'application/jwk-set+json, application/json';
/** Longest wait for all of it, ms. */
const timeoutMs = 5000;
/** A set of a few keys has a few kilobytes. */
const maxBytes = 512 * 1024;

/** The text. Rejects with what went wrong. */
export async function readJwks({ url, caFile }: JwksPlace): Promise<string> {
  const ca = caFile === undefined ? undefined : await readFile(caFile);
  const signal = AbortSignal.timeout(timeoutMs);
  const headers = { accept, 'user-agent': 'fairlead-bridge' };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = url.startsWith('https:')
      ? httpsRequest(url, { headers, signal, agent: false, ...(ca === undefined ? {} : { ca }) })
      : httpRequest(url, { headers, signal, agent: false });
    request.on('response', resolve).on('error', reject).end();
  });
  return textOf(response);
}

async function textOf(response: IncomingMessage): Promise<string> {
  if (response.statusCode !== 200) {
    response.destroy();
    throw new Error(`it answered ${String(response.statusCode)}`);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
