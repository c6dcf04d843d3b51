/**
 * Lists a feed's objects by their metadata alone, beside the feed and without touching it: for
 * comparing what is stored with what is there. Holds a permit as any list does, and keeps nothing.
 */
import type { ScannedObject } from '@fairlead/secret-scrubber';
import { childController, OVER } from './aborting.ts';
import type { ClusterApi, Clock, Random } from './cluster-api.ts';
import { exchange, SCANNERS, type ExchangeHost, type ScannerFactory } from './feed-exchange.ts';
import type { FeedInput, ListRequest } from './feed-state.ts';
import { IdleWatchdog } from './idle-watchdog.ts';
import type { IdleRounds } from './idle-rounds.ts';
import type { AccountPermits } from './list-permits.ts';
import { IGNORED_ANNOTATION, MANAGED_ANNOTATION, type ObjectFilter } from './object-filter.ts';
import { scannerOptionsOf, type ObjectPolicy } from './object-policy.ts';
import { PermitLease } from './permit-lease.ts';
import type { FeedKey } from './resource-type.ts';
import { codeOf } from './watch-engine-error.ts';
import type { WatchTuning } from './watch-options.ts';
import { describeRefusal } from './watch-status.ts';

/** What a metadata list is made with. */
export interface MetadataListDeps {
  readonly api: ClusterApi;
  readonly clock: Clock;
  readonly random: Random;
  readonly permits: AccountPermits;
  readonly idleRounds: IdleRounds;
  readonly scanners?: ScannerFactory;
  readonly tuning: WatchTuning;
  readonly filter: ObjectFilter;
  readonly objects: ObjectPolicy;
  /** Bytes came from the API server. */
  readonly received: (bytes: number) => void;
}

/** Which list. */
export interface MetadataListRequest {
  readonly key: FeedKey;
  /** It may come from the server's cache if it is not older than this; '' = the newest. */
  readonly notOlderThan: string;
  /** Takes an object that would go out; it is lent until this returns. */
  readonly take: (object: ScannedObject) => void;
}

/** What came of it. After `failed`, what was taken is no list. */
export type MetadataListing =
  /** Everything was taken; the list is of this version. */
  | { readonly kind: 'listed'; readonly resourceVersion: string }
  /** Why, in a few words without any object's content. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Lists to the end, once; rejects when `signal` is aborted before. */
export async function listMetadata(
  request: MetadataListRequest,
  deps: MetadataListDeps,
  signal: AbortSignal,
): Promise<MetadataListing> {
  const lease = new PermitLease(deps.permits);
  try {
    await lease.take(signal);
    const reading: Reading = { request, deps, lease, signal };
    let next: Page = { kind: 'page', page: firstPage(request, deps) };
    while (next.kind === 'page') next = await readPage(next.page, reading);
    return next;
  } catch (error: unknown) {
    if (signal.aborted) throw error;
    const code = codeOf(error);
    return { kind: 'failed', reason: code === '' ? 'connection failed' : code };
  } finally {
    lease.end();
  }
}

type Page = { readonly kind: 'page'; readonly page: ListRequest } | MetadataListing;

interface Reading {
  readonly request: MetadataListRequest;
  readonly deps: MetadataListDeps;
  readonly lease: PermitLease;
  readonly signal: AbortSignal;
}

/** As for a feed: what may come from the server's cache comes whole (see `pageLimitOf`). */
function firstPage({ notOlderThan }: MetadataListRequest, deps: MetadataListDeps): ListRequest {
  return {
    via: 'pages',
    notOlderThan,
    pageLimit: notOlderThan === '' ? deps.tuning.pageLimit : 0,
    continueToken: '',
    snapshotVersion: '',
    isComplete: true,
    floor: '',
    timesBehind: 0,
  };
}

async function readPage(page: ListRequest, reading: Reading): Promise<Page> {
  const { deps, signal } = reading;
  const { controller, release } = childController(signal);
  const { clock, tuning, idleRounds } = deps;
  const timeoutMs = tuning.idleTimeoutMs;
  const watchdog = new IdleWatchdog({ clock, connection: controller, timeoutMs });
  idleRounds.add(watchdog);
  const outcome = new PageOutcome(page, reading.request.take, deps.filter);
  try {
    const effect = { kind: 'list', request: page } as const;
    const host = hostOf(reading, outcome, controller.signal);
    await exchange(effect, { controller, watchdog }, host);
    return outcome.result;
  } catch (error: unknown) {
    if (signal.aborted || !outcome.isDecided) throw error;
    return outcome.result;
  } finally {
    release();
    idleRounds.remove(watchdog);
    controller.abort(OVER);
  }
}

function hostOf(reading: Reading, outcome: PageOutcome, signal: AbortSignal): ExchangeHost {
  const { deps, lease, request } = reading;
  const { api, clock, random, tuning, scanners = SCANNERS } = deps;
  return {
    key: request.key,
    ...{ api, clock, random, scanners, tuning },
    scannerOptions: {
      ...scannerOptionsOf(request.key, deps.objects),
      readAnnotations: [MANAGED_ANNOTATION, IGNORED_ANNOTATION],
      objects: 'lent',
      maxObjectBytes: tuning.maxObjectBytes,
    },
    form: () => 'metadata',
    formRefused: () => outcome.fail('not offered as metadata'),
    position: () => Promise.resolve(''),
    turn: () => lease.turn(signal),
    apply: (input) => outcome.apply(input),
    isWanted: () => !outcome.isDecided,
    received: (bytes) => {
      lease.spend(bytes);
      deps.received(bytes);
    },
    scanned: () => undefined,
  };
}

/** What one page says, in the words of the feed machine's inputs. */
class PageOutcome {
  readonly #page: ListRequest;
  readonly #take: (object: ScannedObject) => void;
  readonly #filter: ObjectFilter;
  #result: Page | undefined;

  constructor(page: ListRequest, take: (object: ScannedObject) => void, filter: ObjectFilter) {
    this.#page = page;
    this.#take = take;
    this.#filter = filter;
  }

  get isDecided(): boolean {
    return this.#result !== undefined;
  }

  get result(): Page {
    return this.#result ?? { kind: 'failed', reason: 'truncated' };
  }

  /** Ends the list; thrown, so that the exchange does not ask for another form. */
  fail(reason: string): never {
    this.#result ??= { kind: 'failed', reason };
    throw new MetadataRefused();
  }

  apply(input: FeedInput): undefined {
    switch (input.kind) {
      case 'item':
        if (this.#filter(input.object) === 'send' && !isIgnored(input.object)) {
          this.#take(input.object);
        }
        return;
      case 'listed':
        this.#result = this.#after(input);
        return;
      case 'refused':
        this.#result = { kind: 'failed', reason: describeRefusal(input) };
        return;
      case 'unreadable':
      case 'unidentified':
        this.#result = { kind: 'failed', reason: 'an object cannot be read' };
        return;
      case 'opened':
      case 'changed':
      case 'bookmark':
      case 'malformedEvent':
      case 'discovered':
      case 'located':
      case 'retire':
      case 'relist':
      case 'woke':
      case 'broken':
        return;
    }
  }

  #after(input: Extract<FeedInput, { readonly kind: 'listed' }>): Page {
    // All pages of a list carry the version of its first.
    const snapshotVersion = this.#page.snapshotVersion || input.resourceVersion;
    if (snapshotVersion === '') return { kind: 'failed', reason: 'list without resourceVersion' };
    if (input.continueToken === '') return { kind: 'listed', resourceVersion: snapshotVersion };
    const { continueToken } = input;
    return { kind: 'page', page: { ...this.#page, continueToken, snapshotVersion } };
  }
}

/** The server has nothing but whole objects, which nobody wants here. */
class MetadataRefused extends Error {}

/** The object asks not to be cached: nobody stores it. */
function isIgnored({ annotations }: ScannedObject): boolean {
  const value = annotations.get(IGNORED_ANNOTATION)?.trim();
  return value === 'true' || value === '"true"';
}
