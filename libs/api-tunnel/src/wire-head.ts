/** Heads of requests and answers as they travel: names and values alternating. */
import type { RequestHead, ResponseHead } from '@fairlead/protocol';
import type { ApiHeaders, ApiRequest, ApiResponse } from './api-exchange.ts';
import { ApiTunnelError } from './api-tunnel-error.ts';

/** The head of a request to an account, as it travels. */
export function requestHeadFrom(account: string, request: ApiRequest): RequestHead {
  const { method, target, headers, upgrade, caller } = request;
  return { account, method, target, headers: flatten(headers), upgrade, caller };
}

/** The head of an answer, as it travels. */
export function responseHeadFrom({ status, headers }: ApiResponse): ResponseHead {
  return { status, headers: flatten(headers) };
}

/** Headers that have travelled. Throws `violated` when a value is missing. */
export function headersFrom(flat: readonly string[]): ApiHeaders {
  if (flat.length % 2 !== 0) throw new ApiTunnelError('violated', 'a header without a value');
  // Without a prototype: `__proto__` is a name like any other.
  const headers = Object.create(null) as Record<string, string>;
  for (let at = 0; at < flat.length; at += 2) headers[flat[at] ?? ''] = flat[at + 1] ?? '';
  return headers;
}

function flatten(headers: ApiHeaders): string[] {
  return Object.entries(headers).flat();
}
