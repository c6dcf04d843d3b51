/**
 * Whether a request wants to be answered from the cache, and the request without the wish. Pure.
 *
 * Three ways to say it, for clients that can add a query, a header, or neither: `?fairlead=cache`,
 * `Fairlead-Read: cache`, and a path that begins with `/fairlead/cache`. `live` in the place of
 * `cache` asks the cluster, also for clients whose configuration says otherwise.
 */
import { type ApiRequest } from '@fairlead/api-tunnel';

/** Where a read is answered. */
export type ReadPreference = 'cache' | 'live';

/** What a request asks for. */
export interface PreferredRequest {
  /** `undefined`: neither of the two. */
  readonly preference: ReadPreference | undefined;
  /** The request as the cluster would get it. */
  readonly request: ApiRequest;
}

/** The header. */
export const readHeader = 'fairlead-read';
const parameter = 'fairlead';
const pathPrefix = '/fairlead/';

/** Reads the wish; of several the path counts most, then the query. */
export function readPreference(
  request: ApiRequest,
  configured: ReadPreference = 'live',
): PreferredRequest {
  const { [readHeader]: fromHeader, ...headers } = request.headers;
  const { target: unprefixed, value: fromPath } = withoutPrefix(request.target);
  const { target, value: fromQuery } = withoutParameter(unprefixed);
  const wish = fromPath ?? fromQuery ?? fromHeader ?? configured;
  const preference = wish === 'cache' || wish === 'live' ? wish : undefined;
  return { preference, request: { ...request, target, headers } };
}

interface Found {
  readonly target: string;
  readonly value: string | undefined;
}

function withoutPrefix(target: string): Found {
  if (!target.startsWith(pathPrefix)) return { target, value: undefined };
  const [, value = '', rest = ''] = /^\/fairlead\/([^/?]*)(.*)$/s.exec(target) ?? [];
  return { target: rest.startsWith('/') ? rest : `/${rest}`, value };
}

/** Takes the parameter out and leaves the others byte for byte as they are. */
function withoutParameter(target: string): Found {
  const at = target.indexOf('?');
  if (at === -1) return { target, value: undefined };
  const parts = target.slice(at + 1).split('&');
  const isOurs = (part: string): boolean => part === parameter || part.startsWith(`${parameter}=`);
  const ours = parts.find(isOurs);
  if (ours === undefined) return { target, value: undefined };
  const others = parts.filter((part) => !isOurs(part)).join('&');
  const path = target.slice(0, at);
  return {
    target: others === '' ? path : `${path}?${others}`,
    value: ours.slice(parameter.length + 1),
  };
}
