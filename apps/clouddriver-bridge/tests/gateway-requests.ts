/** Requests as they come to the layers of the gateway, and answers as text. */
import { chunksOf, noBody, type ApiRequest, type ApiResponse } from '@fairlead/api-tunnel';

/** A GET that nobody gives up. */
export function aRequest(target: string, parts: Partial<ApiRequest> = {}): ApiRequest {
  const { signal } = new AbortController();
  return {
    ...{ method: 'GET', target, headers: {}, upgrade: '', body: noBody, caller: 'test', signal },
    ...parts,
  };
}

/** The whole body of an answer. */
export async function textOf({ body }: Pick<ApiResponse, 'body'>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(body)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The whole body of an answer, parsed. */
export async function jsonOf<T = Record<string, unknown>>(
  response: Pick<ApiResponse, 'body'>,
): Promise<T> {
  return JSON.parse(await textOf(response)) as T;
}
