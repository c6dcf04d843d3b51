/**
 * Whether a request wants to be answered from the cache, and the request without the wish. Pure.
 *
 * Three ways to say it, for clients that can add a query, a header, or neither: `?fairlead=cache`,
 * `Fairlead-Read: cache`, and a path that begins with `/fairlead/cache`. `live` in the query or the
 * header asks the cluster, also for clients whose configuration says otherwise. There is no path for
 * it: what a client may do was decided by the path as it came, and a read with another path in it must
 * not reach the cluster.
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
  /** Whether the path said so. */
  readonly isByPath: boolean;
}

/** The header. */
export const readHeader = 'fairlead-read';
const parameter = 'fairlead';
const pathPrefix = /^\/fairlead\/cache(?=[/?]|$)/;

/** Reads the wish; of several the path counts most, then the query. */
export function readPreference(request: ApiRequest): PreferredRequest {
  const { [readHeader]: fromHeader, ...headers } = request.headers;
  const isByPath = pathPrefix.test(request.target);
  const { target, value: fromQuery } = withoutParameter(withoutPrefix(request.target));
  const wish = isByPath ? 'cache' : (fromQuery ?? fromHeader ?? 'live');
  const preference = wish === 'cache' || wish === 'live' ? wish : undefined;
  return { preference, isByPath, request: { ...request, target, headers } };
}

interface Found {
  readonly target: string;
  readonly value: string | undefined;
}

function withoutPrefix(target: string): string {
  const rest = target.replace(pathPrefix, '');
  return rest.startsWith('/') ? rest : `/${rest}`;
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
