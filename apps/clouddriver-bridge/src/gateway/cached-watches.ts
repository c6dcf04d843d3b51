/** Answers `watch` from the cache. */
import { type ApiResponse } from '@fairlead/api-tunnel';
import { CachedReadError } from './cached-read-error.ts';
import { type CachedLists, type ListMoment } from './cached-lists.ts';
import { type CachedRead } from './cached-reads.ts';
import { everythingFrom, type KindJournal } from './kind-journal.ts';
import { isOrdered } from './resource-version.ts';
import { expiredLine, watchLines, type WatchPlan } from './watch-lines.ts';

/** What watches work with. */
export interface CachedWatchesDeps {
  readonly lists: CachedLists;
  readonly clock: WatchPlan['clock'];
  readonly random: { next(): number };
}

/** As kube-apiserver: half an hour, and up to as much again, so that not all return at once. */
const leastDurationMs = 1_800_000;

type WatchBegin = Pick<WatchPlan, 'start' | 'initial' | 'initialEnd'>;

/** Watches of all kinds. */
export class CachedWatches {
  readonly #deps: CachedWatchesDeps;

  constructor(deps: CachedWatchesDeps) {
    this.#deps = deps;
  }

  /** Changes as they are committed, from where the client is. */
  async watch(read: CachedRead): Promise<ApiResponse> {
    const { kind, path, selector, options, signal } = read;
    const { lists, clock, random } = this.#deps;
    const wanted = options.sendInitialEvents === true ? options.resourceVersion : '';
    const moment = await lists.now(read, wanted);
    const { journal } = moment;
    if (journal === undefined) {
      const message = `fairlead: nobody feeds ${read.account} now; what was last known can be listed`;
      throw new CachedReadError(503, message, 5);
    }
    if (!isOrdered(moment.resourceVersion)) {
      const message = `fairlead: versions of ${kind.resource} are no numbers: they cannot be watched`;
      throw new CachedReadError(405, message);
    }
    const begin = this.#begin(read, { moment, journal });
    const headers = { 'content-type': 'application/json' };
    if (begin === undefined) {
      const message = `too old resource version: ${options.resourceVersion}`;
      // As kube-apiserver: an event, not a status.
      return { status: 200, headers, body: expiredLine(message) };
    }
    const durationMs =
      options.timeoutSeconds > 0
        ? options.timeoutSeconds * 1000
        : leastDurationMs * (1 + random.next());
    const key = `${options.labelSelector}\n${options.fieldSelector}`;
    const body = watchLines({
      ...{ journal, kind, clock, signal, durationMs, ...begin },
      namespace: path.namespace ?? selector.namespace,
      selector: { key, matches: selector.matches },
      bookmarks: options.allowWatchBookmarks ? 'sent' : 'none',
    });
    return { status: 200, headers, body };
  }

  /** Where it begins; `undefined`: nobody remembers what came after the client's version. */
  #begin(
    read: CachedRead,
    { moment, journal }: { readonly moment: ListMoment; readonly journal: KindJournal },
  ): WatchBegin | undefined {
    const { options, path } = read;
    const { resourceVersion: since, sendInitialEvents, allowWatchBookmarks } = options;
    const isFromAnywhere = since === '' || since === '0';
    const start = everythingFrom(moment.changes);
    const isInitialWanted = sendInitialEvents ?? isFromAnywhere;
    if (isInitialWanted) {
      const isEndTold = sendInitialEvents === true && allowWatchBookmarks;
      const initial = this.#deps.lists.objects(read, moment, '');
      return { start, initial, initialEnd: isEndTold ? moment.resourceVersion : '' };
    }
    const known = isFromAnywhere ? start : journal.startAfter(path.namespace, since);
    return known && { start: known, initial: undefined, initialEnd: '' };
  }
}
