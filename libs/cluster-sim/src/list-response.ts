// Answers a LIST: which objects at which moment (pages of one list all show the same moment), then
// their bytes in big chunks, as fast as the reader takes them.
import { type AnswerForm } from './accept-header.ts';
import { type ClusterState } from './cluster-state.ts';
import { decodeContinueToken, encodeContinueToken } from './continue-token.ts';
import { type ListOptions } from './list-options.ts';
import { createObjectFilter, type ObjectFilter } from './object-filter.ts';
import { createPrinter } from './object-form.ts';
import { type Snapshot } from './object-store.ts';
import { ChunkWriter, type ResponseSink } from './response-sink.ts';
import { type ServedResource } from './served-resource.ts';
import { type ObjectList } from './sorted-objects.ts';
import { snapshotOf, type StaleView, viewForRead } from './stale-view.ts';
import { StatusError } from './status-error.ts';
import { type StoredObject } from './stored-object.ts';

/** One page, chosen but not printed. */
export interface ListPage {
  /** The objects of the page, in order. */
  readonly objects: Iterable<StoredObject>;
  /** The moment of the list. */
  readonly resourceVersion: number;
  /** '' on the last page. */
  readonly continueToken: string;
  /** How many come after this page; undefined with selectors. */
  readonly remainingItemCount?: number;
}

/** Bytes of a chunk; big enough that headers and system calls cost nothing beside it. */
const CHUNK_BYTES = 64 * 1024;
/** Objects filtered or printed before others may run: a millisecond or two of work. */
const OBJECTS_PER_TURN = 2000;

const TOO_OLD_TOKEN =
  'The provided continue parameter is too old to display a consistent list result. You can ' +
  'start a new list without the continue parameter, or use the continue token in this response ' +
  'to retrieve the remainder of the results. Continuing with the provided token results in an ' +
  'inconsistent list - objects that were created, modified, or deleted between the time the ' +
  'first chunk was returned and now may show up in the list.';

/**
 * Chooses the objects of one page.
 *
 * @throws StatusError Expired when the moment asked for is no longer known
 */
export function choosePage(
  state: ClusterState,
  type: ServedResource,
  request: {
    namespace: string;
    options: ListOptions;
    tokenLifetimeMs: number;
    view: StaleView | undefined;
  },
): ListPage {
  const { namespace, options, view } = request;
  const filter = createObjectFilter(type, options);
  const { snapshot, startKey } = momentOf(state, type, { options, view });
  const { objects } = snapshot;
  const first = namespace === '' ? '' : `${namespace}/`;
  const begin = objects.lowerBound(startKey > first ? startKey : first);
  const end = namespace === '' ? objects.length : objects.lowerBound(`${namespace}0`);
  // A limit is not honoured for "any version": the real server answers that from its watch cache.
  const limit = options.resourceVersion === '0' ? 0 : options.limit;
  const { chosen, next } = takePage(objects, { begin, end, limit, filter });
  const { resourceVersion } = snapshot;
  const following = objects.at(next);
  if (next >= end || following === undefined) {
    return { objects: chosen, resourceVersion, continueToken: '' };
  }
  state.store(type).keepSnapshot(snapshot, state.clock.nowMs() + request.tokenLifetimeMs);
  const continueToken = encodeContinueToken({ resourceVersion, startKey: following.key });
  const page = { objects: chosen, resourceVersion, continueToken };
  return filter === undefined ? { ...page, remainingItemCount: end - next } : page;
}

/** Sends a page. Returns how many objects were sent before the reader went away or all were. */
export async function sendList(
  sink: ResponseSink,
  page: ListPage,
  as: { type: ServedResource; form: AnswerForm; nowMs: () => number },
): Promise<number> {
  const printer = createPrinter(as.type, as.form, as.nowMs);
  const writer = new ChunkWriter(sink, CHUNK_BYTES);
  const comma = Buffer.from(',');
  sink.start(200, { 'content-type': 'application/json' });
  writer.add(printer.listStart(page));
  let sent = 0;
  for (const object of page.objects) {
    if (sent > 0) writer.add(comma);
    for (const piece of printer.item(object)) writer.add(piece);
    sent++;
    if (!writer.hasRoom) await writer.flush();
    else if (sent % OBJECTS_PER_TURN === 0) await nextTurn();
    if (sink.closed.aborted) return sent;
  }
  writer.add(printer.listEnd(page));
  await writer.flush();
  sink.end();
  return sent;
}

/** Lets other requests be served. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The refusal of a page whose moment is no longer known, with the token of an inconsistent rest. */
export function expiredToken(startKey: string): StatusError {
  const continueToken = encodeContinueToken({ resourceVersion: -1, startKey });
  return new StatusError('Expired', TOO_OLD_TOKEN, { continueToken });
}

function momentOf(
  state: ClusterState,
  type: ServedResource,
  { options, view }: { options: ListOptions; view: StaleView | undefined },
): { snapshot: Snapshot; startKey: string } {
  const store = state.store(type);
  const now = snapshotOf(state, store, viewForRead(view, options.resourceVersion));
  if (options.continueToken !== '') {
    const { resourceVersion, startKey } = decodeContinueToken(options.continueToken);
    if (resourceVersion === -1) return { snapshot: now, startKey };
    const kept = store.snapshotAt(resourceVersion, state.clock.nowMs());
    if (kept !== undefined) return { snapshot: kept, startKey };
    throw expiredToken(startKey);
  }
  const wanted = Number(options.resourceVersion);
  if (wanted > now.resourceVersion) throw tooLargeVersion(wanted, now.resourceVersion);
  const isExact =
    options.resourceVersionMatch === 'Exact' ||
    (options.resourceVersionMatch === '' && options.limit > 0 && wanted > 0);
  if (!isExact) return { snapshot: now, startKey: '' };
  const past = store.rewind(wanted);
  if (past !== undefined) return { snapshot: past, startKey: '' };
  throw new StatusError('Expired', 'The resourceVersion for the provided list is too old.');
}

function takePage(
  objects: ObjectList,
  range: { begin: number; end: number; limit: number; filter: ObjectFilter | undefined },
): { chosen: Iterable<StoredObject>; next: number } {
  const { begin, end, limit, filter } = range;
  if (filter === undefined) {
    const next = limit > 0 ? Math.min(end, begin + limit) : end;
    return { chosen: objects.range(begin, next), next };
  }
  const chosen: StoredObject[] = [];
  let next = begin;
  for (const object of objects.range(begin, end)) {
    if (limit > 0 && chosen.length === limit) break;
    if (filter(object)) chosen.push(object);
    next++;
  }
  return { chosen, next };
}

/** The refusal of a read from a version that is still to come. */
export function tooLargeVersion(wanted: number, current: number): StatusError {
  const words = `Timeout: Too large resource version: ${wanted}, current: ${current}`;
  return new StatusError('Timeout', words, {
    details: {
      causes: [
        {
          reason: 'ResourceVersionTooLarge',
          message: 'Too large resource version',
        },
      ],
      retryAfterSeconds: 1,
    },
  });
}
