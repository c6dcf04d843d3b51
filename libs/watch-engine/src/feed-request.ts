/** The query parameters of lists and watches, as the API server documents them. */
import type { Random } from './cluster-api.ts';
import type { ListRequest } from './feed-state.ts';
import type { WatchTuning } from './watch-options.ts';

/** What a request is made with. */
export interface RequestContext {
  readonly tuning: Pick<WatchTuning, 'watchTimeoutMinSeconds' | 'watchTimeoutMaxSeconds'>;
  readonly random: Random;
}

type Query = Readonly<Record<string, string>>;

/** Query of a list: one page, or the streamed whole. */
export function listQuery(request: ListRequest, context: RequestContext): Query {
  const notOlder: Query =
    request.notOlderThan === ''
      ? {}
      : { resourceVersion: request.notOlderThan, resourceVersionMatch: 'NotOlderThan' };
  if (request.via === 'stream') {
    return {
      ...watchParameters(context),
      ...notOlder,
      // Required with sendInitialEvents, also without a resourceVersion.
      resourceVersionMatch: 'NotOlderThan',
      sendInitialEvents: 'true',
    };
  }
  const limit: Query = request.pageLimit === 0 ? {} : { limit: String(request.pageLimit) };
  // A continue token carries its resourceVersion; giving one beside it is an error (400).
  return request.continueToken === ''
    ? { ...limit, ...notOlder }
    : { ...limit, continue: request.continueToken };
}

/** Query of a watch. */
export function watchQuery(resourceVersion: string, context: RequestContext): Query {
  return { ...watchParameters(context), resourceVersion };
}

function watchParameters({ tuning, random }: RequestContext): Query {
  const span = tuning.watchTimeoutMaxSeconds - tuning.watchTimeoutMinSeconds;
  const seconds = Math.round(tuning.watchTimeoutMinSeconds + random.next() * span);
  return { watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: String(seconds) };
}
