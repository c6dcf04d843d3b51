/** Answers `get` and `list` from the cache. */
import { type ApiResponse } from '@fairlead/api-tunnel';
import { infrastructureKey } from '@fairlead/clouddriver-model';
import { CachedReadError } from './cached-read-error.ts';
import { type CachedRead } from './cached-reads.ts';
import { decodeListPlace, encodeListPlace, type ListPlace } from './continue-token.ts';
import { type KindJournal } from './kind-journal.ts';
import { collectPage, listBody, listPieces, wantedOf, type ListHead } from './list-body.ts';
import { objectInBody } from './object-bytes.ts';
import { earliestOf, isLater, isOrdered } from './resource-version.ts';
import { orAborted } from './shared-flight.ts';
import { storedObjects, type ObjectRows, type StoredObject } from './stored-objects.ts';

/** All objects of a kind at one moment, and how they are read. */
export interface ListMoment {
  /** `undefined`: nobody writes. */
  readonly journal: KindJournal | undefined;
  /** Where it is in the journal. */
  readonly rows: number;
  /** Where the changes after it begin. */
  readonly changes: number;
  readonly resourceVersion: string;
}

/** kube-apiserver waits as long for a version that its cache does not have yet, ms. */
const waitForVersionMs = 3000;
const jsonType = { 'content-type': 'application/json' };

/** Lists of all kinds. */
export class CachedLists {
  readonly #cache: ObjectRows;
  readonly #clock: { sleep(ms: number, signal: AbortSignal): Promise<void> };

  constructor(cache: ObjectRows, clock: { sleep(ms: number, signal: AbortSignal): Promise<void> }) {
    this.#cache = cache;
    this.#clock = clock;
  }

  /** One object. */
  async get({ account, kind, path }: CachedRead, name: string): Promise<ApiResponse> {
    const { type, agent, resource, namespaced } = kind;
    const { namespace = '' } = path;
    if (namespaced && namespace === '') {
      throw new CachedReadError(404, `fairlead: an object of ${resource} is in a namespace`);
    }
    const id = infrastructureKey({ kind: type, account, namespace, name });
    const [row] = await this.#cache.bodiesOf({ type, agent, ids: [id] });
    const object = row && objectInBody(row.body);
    // The words of kube-apiserver, which some clients look for.
    if (object === undefined) throw new CachedReadError(404, `${resource} "${name}" not found`);
    return { status: 200, headers: jsonType, body: object };
  }

  /** All objects, or a page of them. */
  async list(read: CachedRead): Promise<ApiResponse> {
    const { kind, options } = read;
    const { limit, continueToken } = options;
    const place = continueToken === '' ? undefined : decodeListPlace(continueToken);
    const moment = await this.#momentOf(read, place);
    const { resourceVersion } = moment;
    const objects = this.objects(read, moment, place?.afterId ?? '');
    if (limit > 0) return page({ read, moment, objects });
    const head: ListHead = { kind, resourceVersion, continueToken: '' };
    const pieces = listPieces(head, objects);
    // What goes wrong at the beginning is an answer, not a list that breaks off.
    const first = await pieces.next();
    return { status: 200, headers: jsonType, body: withFirst(first, pieces) };
  }

  /** The objects that a read wants as they were at a moment. */
  objects(
    read: CachedRead,
    moment: ListMoment,
    afterId: string,
  ): AsyncGenerator<StoredObject, void, undefined> {
    const { account, kind, path, selector, options, fed, signal } = read;
    const { type, agent, namespaced } = kind;
    const namespace = namespaced ? (path.namespace ?? selector.namespace) : '';
    // Who selects cannot say how many rows have to be looked at.
    const limit = selector.matches === undefined ? options.limit : 0;
    const query = { account, type, agent, namespace, name: selector.name, afterId, limit };
    const settled = async (): Promise<void> => {
      await orAborted(fed?.journal.settled() ?? Promise.resolve(), signal);
    };
    const past = moment.journal?.past(moment.rows);
    return wantedOf(storedObjects(this.#cache, query, { past, settled }), selector.matches);
  }

  /**
   * The moment that is now, or when the cache has reached a version that the client knows (`''`: any).
   * Throws {@link CachedReadError} 504 when it does not in time.
   */
  async now(read: CachedRead, wanted: string): Promise<ListMoment> {
    const moment = await this.#momentAfter(read, wanted);
    checkReached(wanted, moment.resourceVersion);
    return moment;
  }

  async #momentAfter(read: CachedRead, wanted: string): Promise<ListMoment> {
    const { kind, path, fed } = read;
    const journal = await fed?.journal.open(kind.type);
    if (journal === undefined || journal.isClosed) {
      const versions = kind.feeds.map((feed) => feed.resourceVersion);
      return {
        journal: undefined,
        rows: 0,
        changes: 0,
        resourceVersion: earliestOf(versions) ?? '',
      };
    }
    await this.#reach(wanted, read, journal);
    const { rows, changes, resourceVersion } = journal.handOut(path.namespace);
    return { journal, rows, changes, resourceVersion };
  }

  async #momentOf(read: CachedRead, place: ListPlace | undefined): Promise<ListMoment> {
    if (place !== undefined) return goneOnFrom(read, place);
    const { resourceVersion: wanted, resourceVersionMatch } = read.options;
    const moment = await this.now(read, wanted);
    if (resourceVersionMatch === 'Exact' && moment.resourceVersion !== wanted) {
      throw new CachedReadError(410, `fairlead: the cache is at ${moment.resourceVersion} by now`);
    }
    return moment;
  }

  /** Waits a while for a feed to be as far as the client knows the cluster to be. */
  async #reach(wanted: string, read: CachedRead, journal: KindJournal): Promise<void> {
    const isThere = (): boolean =>
      journal.isClosed || isReached(wanted, journal.versionOf(read.path.namespace));
    if (isThere()) return;
    const ended = new AbortController();
    const either = AbortSignal.any([ended.signal, read.signal]);
    const unsubscribe = journal.subscribe(() => {
      if (isThere()) ended.abort();
    });
    try {
      // Rejects when the version is there or nobody waits; the caller looks which.
      await this.#clock.sleep(waitForVersionMs, either).catch(() => undefined);
    } finally {
      unsubscribe();
    }
  }
}

/** Whether the cache knows as much as a client; `''` and 0: any will do. */
function isReached(wanted: string, version: string): boolean {
  if (wanted === '' || wanted === '0') return true;
  return isOrdered(version) && !isLater(wanted, version);
}

function checkReached(wanted: string, version: string): void {
  if (isReached(wanted, version)) return;
  const message = `Too large resource version: ${wanted}, current: ${version}`;
  throw new CachedReadError(504, message, 1);
}

/** The moment of the first page; it must be one that can still be told. */
async function goneOnFrom(read: CachedRead, place: ListPlace): Promise<ListMoment> {
  const { kind, fed, epoch } = read;
  const expired = new CachedReadError(
    410,
    'The provided continue parameter is too old to display a consistent list result: list again',
  );
  const { resourceVersion } = place;
  if (place.epoch !== epoch) throw expired;
  const journal = await fed?.journal.open(kind.type);
  const isWritten = journal !== undefined && !journal.isClosed;
  if (place.journal !== (isWritten ? journal.id : '')) throw expired;
  return { journal, rows: place.position, changes: 0, resourceVersion };
}

async function page({
  read,
  moment,
  objects,
}: {
  readonly read: CachedRead;
  readonly moment: ListMoment;
  readonly objects: AsyncIterable<StoredObject>;
}): Promise<ApiResponse> {
  const { kind, options, epoch } = read;
  const { resourceVersion } = moment;
  const { objects: taken, lastId } = await collectPage(objects, options.limit);
  const next = {
    ...{ journal: moment.journal?.id ?? '', epoch, position: moment.rows, resourceVersion },
  };
  const continueToken = lastId === undefined ? '' : encodeListPlace({ ...next, afterId: lastId });
  const body = listBody({ kind, resourceVersion, continueToken }, taken);
  return { status: 200, headers: jsonType, body };
}

async function* withFirst(
  first: IteratorResult<Uint8Array, void>,
  rest: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (first.done === true) return;
  try {
    yield first.value;
    yield* rest;
  } finally {
    // Also when the reader leaves before the rest has begun.
    await rest.return();
  }
}
