/**
 * What API servers offer (discovery, OpenAPI, version), kept in the bridge, so that a client that
 * starts cold waits for no far cluster. Start at {@link DiscoveryCache.handler}.
 */
import {
  type ApiHandler,
  type ApiHeaders,
  type ApiRequest,
  type ApiResponse,
  noBody,
} from '@fairlead/api-tunnel';
import { ByteLru, type ByteLruLimits } from './byte-lru.ts';
import { discoveryRequestOf, hasAlready, type DiscoveryRequest } from './discovery-request.ts';
import { orAborted, SharedFlight, type WholeResponse } from './shared-flight.ts';

/** How a request of discovery was answered; `revalidated`: the cluster said that nothing has changed. */
export type DiscoveryOutcome = 'hit' | 'miss' | 'revalidated' | 'changed' | 'failed';

/** What the cache works with. */
export interface DiscoveryCacheDeps {
  /** Time. */
  readonly clock: { nowMs(): number; sleep(ms: number, signal: AbortSignal): Promise<void> };
  /**
   * What answers of an account hold for: differs when its agent, its epoch, its cluster or the
   * cluster's version do; `undefined` while the account is not fed over this bridge.
   */
  generationOf(account: string): string | undefined;
  /** Told of each answer and of each look behind one. @defaultValue nobody */
  readonly observed?: (outcome: DiscoveryOutcome) => void;
  /** @defaultValue {@link discoveryLimits} */
  readonly limits?: ByteLruLimits;
}

const mebibyte = 1024 * 1024;

/**
 * A cluster with 100 custom resources has some 5 MiB of OpenAPI v3, compressed a tenth of it. One
 * answer may take half of an account's room.
 */
export const discoveryLimits: ByteLruLimits = {
  totalBytes: 128 * mebibyte,
  perOwnerBytes: 16 * mebibyte,
};

/** An answer that is older is looked after while it is used; API services are not fed by default. */
const freshMs = 30_000;
/** An answer that is older is asked for before it is given. */
const maxAgeMs = 600_000;
/**
 * For so long after a definition has changed, API servers may still give what was before: they
 * publish discovery and OpenAPI of custom resources apart from the definition, seconds later.
 */
const settlingMs = 15_000;
const freshWhileSettlingMs = 1000;
/** For so long a client waits for a newer answer then, before it gets the one that there is. */
const settlingPatienceMs = 2000;
/** What an entry costs beside its body. */
const overheadBytes = 1024;

/** Headers of an answer that are everybody's. */
const keptHeaders = [
  ...['content-type', 'content-encoding', 'etag', 'last-modified', 'vary', 'cache-control'],
  'expires',
];

interface Entry {
  readonly generation: string;
  /** `undefined`: longer than what may be kept, so that nobody reads it in vain again. */
  readonly response: WholeResponse | undefined;
  readonly isImmutable: boolean;
  /** When the cluster last said so. */
  readonly validatedAtMs: number;
}

interface AccountNews {
  /** Goes up with each change of the account's definitions. */
  readonly changes: number;
  readonly settledAtMs: number;
}

const noNews: AccountNews = { changes: 0, settledAtMs: 0 };

/** Answers of all accounts. */
export class DiscoveryCache {
  readonly #deps: DiscoveryCacheDeps;
  readonly #limits: ByteLruLimits;
  readonly #entries: ByteLru<Entry>;
  readonly #flights = new Map<string, SharedFlight>();
  readonly #news = new Map<string, AccountNews>();

  constructor(deps: DiscoveryCacheDeps) {
    this.#deps = deps;
    this.#limits = deps.limits ?? discoveryLimits;
    this.#entries = new ByteLru(this.#limits);
  }

  /** Bytes that are kept. */
  get keptBytes(): number {
    return this.#entries.totalBytes;
  }

  /** Answers discovery of an account; all else, and what is not known, is asked of `next`. */
  handler(account: string, next: ApiHandler): ApiHandler {
    return async (request) => {
      const wanted = discoveryRequestOf(request);
      const generation = this.#deps.generationOf(account);
      if (wanted === undefined || generation === undefined) return next(request);
      const asked: Asked = { account, generation, wanted, request, next };
      const response = await this.#answer(asked);
      return response === undefined ? next(request) : forClient(response, request);
    };
  }

  /** The account's custom resource definitions or API services have changed. */
  changed(account: string): void {
    const { changes } = this.#news.get(account) ?? noNews;
    const settledAtMs = this.#deps.clock.nowMs() + settlingMs;
    this.#news.set(account, { changes: changes + 1, settledAtMs });
    this.#entries.deleteOf(account, ({ isImmutable }) => !isImmutable);
  }

  /** Nobody feeds the account over this bridge any more. */
  forget(account: string): void {
    this.#news.delete(account);
    this.#entries.deleteOf(account, () => true);
  }

  /** `undefined`: what the cluster answers is not kept. */
  async #answer(asked: Asked): Promise<WholeResponse | undefined> {
    const entry = this.#entryOf(asked);
    if (entry !== undefined) {
      const ageMs = this.#deps.clock.nowMs() - entry.validatedAtMs;
      if (entry.isImmutable || ageMs <= this.#freshMs(asked.account)) return this.#hit(entry);
      if (ageMs <= maxAgeMs) {
        const found = this.#lookAfter(asked, entry);
        return this.#isSettling(asked.account)
          ? this.#soon(found, { asked, entry })
          : this.#hit(entry);
      }
    }
    return this.#ask(asked, { entry, signal: asked.request.signal });
  }

  #hit({ response }: Entry): WholeResponse | undefined {
    if (response !== undefined) this.#deps.observed?.('hit');
    return response;
  }

  #entryOf({ account, generation, wanted }: Asked): Entry | undefined {
    const entry = this.#entries.get(account, wanted.key);
    if (entry === undefined || entry.generation === generation) return entry;
    this.#entries.deleteOf(account, (each) => each.generation !== generation);
    return undefined;
  }

  #freshMs(account: string): number {
    return this.#isSettling(account) ? freshWhileSettlingMs : freshMs;
  }

  #isSettling(account: string): boolean {
    return this.#deps.clock.nowMs() < (this.#news.get(account) ?? noNews).settledAtMs;
  }

  /** Asks the cluster whether an answer still holds; gives the answer if it cannot be asked. */
  async #lookAfter(asked: Asked, entry: Entry): Promise<WholeResponse | undefined> {
    // No client can give it up: the tunnel's own limits end it.
    const { signal } = new AbortController();
    try {
      return await this.#ask(asked, { entry, signal });
    } catch {
      this.#deps.observed?.('failed');
      return entry.response;
    }
  }

  /** What the cluster says, if it says it soon; else what is known. */
  async #soon(
    found: Promise<WholeResponse | undefined>,
    { asked, entry }: { readonly asked: Asked; readonly entry: Entry },
  ): Promise<WholeResponse | undefined> {
    const ended = new AbortController();
    const known = (): WholeResponse | undefined => entry.response;
    const late = this.#deps.clock.sleep(settlingPatienceMs, ended.signal).then(known, known);
    try {
      return await orAborted(Promise.race([found, late]), asked.request.signal);
    } finally {
      ended.abort();
    }
  }

  /** Asks the cluster, together with whoever asks the same at the moment. */
  async #ask(asked: Asked, way: Way): Promise<WholeResponse | undefined> {
    const flight = this.#flightOf(asked, way.entry);
    try {
      return await flight.answer.wait(way.signal);
    } catch (error: unknown) {
      // What somebody else's request failed of need not happen to this one.
      if (flight.isOwn || way.signal.aborted) throw error;
    }
    return this.#flightOf(asked, way.entry).answer.wait(way.signal);
  }

  #flightOf(asked: Asked, entry: Entry | undefined): Flight {
    const { account, generation, wanted } = asked;
    const { changes } = this.#news.get(account) ?? noNews;
    const key = `${account}\n${generation}\n${changes}\n${wanted.key}`;
    const known = this.#flights.get(key);
    if (known?.isOpen === true) return { answer: known, isOwn: false };
    const answer = this.#begin(asked, { entry, changes });
    this.#flights.set(key, answer);
    void answer.ended.finally(() => {
      if (this.#flights.get(key) === answer) this.#flights.delete(key);
    });
    return { answer, isOwn: true };
  }

  #begin(asked: Asked, { entry, changes }: Before): SharedFlight {
    const { request, wanted, next } = asked;
    const etag = entry?.response?.headers.etag;
    const condition: ApiHeaders = etag === undefined ? {} : { 'if-none-match': etag };
    return new SharedFlight({
      next,
      request: {
        target: wanted.target,
        headers: { ...wanted.headers, ...condition },
        caller: request.caller,
      },
      maxBytes: this.#limits.perOwnerBytes / 2,
      settle: (response) => this.#settle(asked, { entry, changes }, response),
    });
  }

  /** Keeps what came, unless it may be from before a change, and gives what the clients get. */
  #settle(
    asked: Asked,
    { entry, changes }: Before,
    response: WholeResponse | undefined,
  ): WholeResponse | undefined {
    const { account, generation, wanted } = asked;
    const isNew = response?.status !== 304 || entry?.response === undefined;
    const given = isNew ? response : entry.response;
    this.#deps.observed?.(isNew ? (entry === undefined ? 'miss' : 'changed') : 'revalidated');
    const isOfNow =
      changes === (this.#news.get(account) ?? noNews).changes &&
      generation === this.#deps.generationOf(account);
    if (!isOfNow || (given !== undefined && given.status !== 200)) return given;
    if (entry !== undefined && isNew && !isSame(entry.response, given)) this.#dropOthers(account);
    const validatedAtMs = this.#deps.clock.nowMs();
    const { isImmutable, key } = wanted;
    const kept = given && { ...given, headers: onlyKept(given.headers) };
    const bytes = (kept?.body.length ?? 0) + key.length + overheadBytes;
    const value = { generation, response: kept, isImmutable, validatedAtMs };
    this.#entries.set(account, key, { value, bytes });
    return kept;
  }

  /** One answer has changed: the others of the account tell of the same API and are of before. */
  #dropOthers(account: string): void {
    this.#entries.deleteOf(account, ({ isImmutable }) => !isImmutable);
  }
}

/** A request of discovery of an account. */
interface Asked {
  readonly account: string;
  readonly generation: string;
  readonly wanted: DiscoveryRequest;
  readonly request: ApiRequest;
  readonly next: ApiHandler;
}

interface Way {
  /** What is known, and may be too old. */
  readonly entry: Entry | undefined;
  /** Of the one who waits. */
  readonly signal: AbortSignal;
}

interface Before {
  readonly entry: Entry | undefined;
  /** Of the account, when the request was sent. */
  readonly changes: number;
}

interface Flight {
  readonly answer: SharedFlight;
  /** Whether it was begun for this request. */
  readonly isOwn: boolean;
}

function isSame(before: WholeResponse | undefined, now: WholeResponse | undefined): boolean {
  if (before === undefined || now === undefined) return before === now;
  return Buffer.compare(before.body, now.body) === 0;
}

function onlyKept(headers: ApiHeaders): ApiHeaders {
  return Object.fromEntries(
    keptHeaders.flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function forClient(response: WholeResponse, { headers }: ApiRequest): ApiResponse {
  const etag = response.headers.etag ?? '';
  if (response.status !== 200 || !hasAlready(headers['if-none-match'], etag)) return response;
  // RFC 9110, 15.4.5: what would have stood in a 200, but for what describes the body.
  const { 'content-type': _type, 'content-encoding': _encoding, ...others } = response.headers;
  return { status: 304, headers: others, body: noBody };
}
