/**
 * Answers reads of cached kinds from SQL, for those who ask for it: `get`, `list` and `watch`. Not a
 * byte of them goes to the cluster; what cannot be answered is refused with what to do. Start at
 * {@link CachedReads.handler}.
 */
import { type ApiHandler, type ApiRequest, type ApiResponse } from '@fairlead/api-tunnel';
import { type SqlCache } from '@fairlead/sql-cache';
import { type AccountJournal } from './account-journal.ts';
import { acceptsJson } from './accepts-json.ts';
import { findCachedKind, type CachedKind } from './cached-kind.ts';
import { CachedReadError } from './cached-read-error.ts';
import { CachedLists } from './cached-lists.ts';
import { CachedWatches } from './cached-watches.ts';
import { discoveryRequestOf } from './discovery-request.ts';
import { impersonatedBy } from './impersonation.ts';
import { readListOptions, type ListOptions } from './list-options.ts';
import { readSelector, type ObjectSelector } from './object-selector.ts';
import { readHeader, readPreference } from './read-preference.ts';
import { readResourcePath, type ResourcePath } from './resource-path.ts';
import { type ServedFeed } from './served-feeds.ts';
import { orAborted } from './shared-flight.ts';
import { type ObjectRows } from './stored-objects.ts';

/** An account that this bridge feeds. */
export interface FedJournal {
  readonly journal: AccountJournal;
  /** Its feeds as they are committed. */
  feeds(): readonly ServedFeed[];
}

/** What is known of an account. */
export interface AccountStanding {
  /** `here`: this bridge feeds it or nobody does; `elsewhere`: another bridge does. */
  readonly served: 'here' | 'elsewhere';
  /** Of its last writer. */
  readonly epoch: number;
}

/** What reads are answered with. */
export interface CachedReadsDeps {
  readonly cache: ObjectRows & Pick<SqlCache, 'feeds'>;
  /** The journal of an account that is fed here. */
  fed(account: string): FedJournal | undefined;
  /** `undefined`: there is no such account. */
  standing(account: string): AccountStanding | undefined;
  /**
   * The way to the bridge that feeds an account, for when its requests come here because a standby
   * agent is linked here; `undefined`: there is none.
   */
  elsewhere(account: string): ApiHandler | undefined;
  readonly clock: { nowMs(): number; sleep(ms: number, signal: AbortSignal): Promise<void> };
  readonly random: { next(): number };
  /** Told of each read. @defaultValue nobody */
  readonly observed?: (read: { readonly verb: ReadVerb; readonly status: number }) => void;
}

/** What a read is, in Kubernetes' words. */
export type ReadVerb = 'get' | 'list' | 'watch';

/** One read, with all that is known of it. */
export interface CachedRead {
  readonly account: string;
  readonly path: ResourcePath;
  readonly kind: CachedKind;
  readonly options: ListOptions;
  readonly selector: ObjectSelector;
  readonly epoch: number;
  /** `undefined`: nobody feeds the account, and its rows stay as they are. */
  readonly fed: FedJournal | undefined;
  readonly signal: AbortSignal;
}

/** A database that does not answer must not hold a request for ever, ms. */
const patienceMs = 30_000;
/** The header that says how old an answer is, RFC 3339. */
const asOfHeader = 'fairlead-as-of';

/** Reads of all accounts. */
export class CachedReads {
  readonly #deps: CachedReadsDeps;
  readonly #lists: CachedLists;
  readonly #watches: CachedWatches;

  constructor(deps: CachedReadsDeps) {
    this.#deps = deps;
    this.#lists = new CachedLists(deps.cache, deps.clock);
    this.#watches = new CachedWatches({ ...deps, lists: this.#lists });
  }

  /** Answers reads that ask for the cache; all else is asked of `next`. */
  handler(account: string, next: ApiHandler): ApiHandler {
    return async (original) => {
      const { preference, request, isByPath } = readPreference(original);
      try {
        if (preference === undefined) throw unknownPreference();
        if (preference === 'live') return await next(request);
        if (!isRead(request)) {
          // Whatever else is taken for a read by its path as it came: by the path that is left it may
          // be none.
          if (isByPath && !isWrite(request)) throw notByPath(request);
          return await next(request);
        }
        if (discoveryRequestOf(request) !== undefined) return await next(request);
        return await this.#read(account, request);
      } catch (error: unknown) {
        if (error instanceof CachedReadError) return error.response;
        throw error;
      }
    };
  }

  async #read(account: string, request: ApiRequest): Promise<ApiResponse> {
    const [plain = '', query = ''] = request.target.split(/\?(.*)/s);
    const path = readResourcePath(plain);
    const options = readListOptions(query);
    const verb = path?.name !== undefined ? 'get' : options.isWatch ? 'watch' : 'list';
    try {
      const response = await this.#answer(account, { path, options, request });
      this.#deps.observed?.({ verb, status: response.status });
      return response;
    } catch (error: unknown) {
      if (error instanceof CachedReadError) this.#deps.observed?.({ verb, status: error.status });
      throw error;
    }
  }

  async #answer(
    account: string,
    asked: {
      readonly path: ResourcePath | undefined;
      readonly options: ListOptions;
      readonly request: ApiRequest;
    },
  ): Promise<ApiResponse> {
    const { path, options, request } = asked;
    if (path === undefined) {
      throw new CachedReadError(404, 'fairlead: the cache holds objects, and nothing at this path');
    }
    if (impersonatedBy(request.headers) !== undefined) {
      const message = 'fairlead: the cache does not know what another user may read: ask live';
      throw new CachedReadError(403, message);
    }
    if (!acceptsJson(request.headers.accept)) {
      throw new CachedReadError(406, 'fairlead: the cache answers in plain application/json');
    }
    const standing = this.#deps.standing(account);
    if (standing?.served === 'elsewhere') {
      return this.#askElsewhere(account, request);
    }
    return this.#within(request.signal, async (signal) => {
      const fed = this.#deps.fed(account);
      const feeds = fed?.feeds() ?? (await this.#deps.cache.feeds(account));
      const kind = findCachedKind(account, path, feeds);
      const { resource } = kind;
      const selector = readSelector({ ...options, resource });
      const epoch = standing?.epoch ?? 0;
      const read = { account, path, kind, options, selector, epoch, fed, signal };
      return withHeaders(kind, await this.#perform(read, request));
    });
  }

  #perform(read: CachedRead, { signal }: ApiRequest): Promise<ApiResponse> {
    // What is streamed goes on for as long as the client likes.
    const streamed = { ...read, signal };
    if (read.path.name !== undefined) return this.#lists.get(read, read.path.name);
    return read.options.isWatch ? this.#watches.watch(streamed) : this.#lists.list(streamed);
  }

  #askElsewhere(account: string, request: ApiRequest): Promise<ApiResponse> {
    const handler = this.#deps.elsewhere(account);
    if (handler === undefined) {
      const message = `fairlead: another bridge feeds ${account}, and cannot be reached`;
      throw new CachedReadError(503, message, 5);
    }
    return handler({ ...request, headers: { ...request.headers, [readHeader]: 'cache' } });
  }

  /** Gives up when the answer does not begin in time, or nobody waits for it. */
  async #within<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const timeout = new AbortController();
    const both = AbortSignal.any([signal, timeout.signal]);
    const ended = new AbortController();
    this.#deps.clock.sleep(patienceMs, ended.signal).then(
      () => timeout.abort(),
      () => undefined, // Ended below: the answer has begun.
    );
    try {
      return await orAborted(work(both), both);
    } catch (error: unknown) {
      if (!timeout.signal.aborted || signal.aborted) throw error;
      throw new CachedReadError(503, 'fairlead: the database does not answer', 5);
    } finally {
      ended.abort();
    }
  }
}

function unknownPreference(): CachedReadError {
  return new CachedReadError(400, 'fairlead: reads are answered from "cache" or "live"');
}

/** Methods that nobody takes for reads, and connections that switch. */
const writing: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

function isWrite({ method, upgrade }: ApiRequest): boolean {
  return writing.has(method) || upgrade !== '';
}

function notByPath({ method }: ApiRequest): CachedReadError {
  return new CachedReadError(405, `fairlead: ${method} is not answered from the cache`);
}

/** What changes something or switches the connection is the cluster's business in any case. */
function isRead({ method, upgrade }: ApiRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && upgrade === '';
}

function withHeaders(kind: CachedKind, response: ApiResponse): ApiResponse {
  const { asOfMs, onlyNamespaces } = kind;
  const headers: Record<string, string> = {
    ...response.headers,
    'cache-control': 'no-cache, private',
    [asOfHeader]: new Date(asOfMs).toISOString(),
  };
  if (onlyNamespaces.length > 0) {
    // Clients of Kubernetes show warnings of this form (RFC 7234, 5.5, code 299).
    const names = onlyNamespaces.join(' ');
    headers.warning = `299 - "fairlead: only these namespaces are cached: ${names}"`;
  }
  return { ...response, headers };
}
