/** Which headers go on from one connection to the next, in both directions. */
import type { IncomingMessage } from 'node:http';
import { type ApiHeaders } from '@fairlead/api-tunnel';
import { withoutCredentials } from '../access/client-credentials.ts';

/** RFC 9110, 7.6.1, and what older clients send: they are of one connection, and end with it. */
const hopByHop = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding'],
  ...['upgrade', 'host', 'expect', 'http2-settings'],
]);

/** What a client's request takes along: nothing of its connection, nothing that proves who it is. */
export function requestHeadersOf({
  headersDistinct,
}: Pick<IncomingMessage, 'headersDistinct'>): ApiHeaders {
  const named = namesIn(headersDistinct.connection);
  const kept = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    hopByHop.has(name) || named.has(name) ? [] : [[name, joined(name, values)] as const],
  );
  return withoutCredentials(Object.fromEntries(kept));
}

/** What a cluster's answer takes along. */
export function answerHeadersOf(headers: ApiHeaders): Record<string, string> {
  const named = namesIn(headers.connection === undefined ? [] : [headers.connection]);
  const kept = Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !named.has(name));
  return Object.fromEntries(kept);
}

/** Groups and extras may hold commas: each value is a line of its own, as in ApiHeaders. */
function joined(name: string, values: readonly string[]): string {
  const isByLine = name === 'impersonate-group' || name.startsWith('impersonate-extra-');
  return values.join(isByLine ? '\n' : ', ');
}

/**
 * Headers that `Connection` names end with it, too. Not those that say as whom to act: behind a proxy
 * that adds them, a client could have them taken out.
 */
function namesIn(values: readonly string[] | undefined): ReadonlySet<string> {
  const names = (values ?? []).join(',').split(',');
  const trimmed = names.map((name) => name.trim().toLowerCase());
  return new Set(trimmed.filter((name) => !name.startsWith('impersonate-')));
}
