/**
 * What one watcher gets: objects that are there, changes as they are committed, bookmarks. All
 * watchers of a kind share one log and the lines in it; this one is only a place in it. Whoever is so
 * slow that the log forgets what follows its place is told to list anew.
 */
import { Alarm } from './alarm.ts';
import { type CachedKind } from './cached-kind.ts';
import { type KindJournal } from './kind-journal.ts';
import {
  watchLine,
  type PublishedChange,
  type WatchSelector,
  type WatchStart,
} from './published-changes.ts';
import { isOrdered } from './resource-version.ts';
import { type StoredObject } from './stored-objects.ts';

/** What a watcher asks for. */
export interface WatchPlan {
  readonly journal: KindJournal;
  readonly kind: Pick<CachedKind, 'kind' | 'apiVersion'>;
  /** `undefined`: all. */
  readonly namespace: string | undefined;
  readonly selector: WatchSelector;
  readonly start: WatchStart;
  /** What is there, to be told first; `undefined`: the client knows. */
  readonly initial: AsyncIterable<StoredObject> | undefined;
  /** In which version that is; `''`: the client did not ask to be told when it is all. */
  readonly initialEnd: string;
  readonly bookmarks: 'sent' | 'none';
  /** When to end, ms from now. */
  readonly durationMs: number;
  readonly clock: { nowMs(): number; sleep(ms: number, signal: AbortSignal): Promise<void> };
  /** Nobody waits any more. */
  readonly signal: AbortSignal;
}

/** As kube-apiserver does it. */
const bookmarkMs = 60_000;
/** Changes looked at between two looks at whether anybody still waits. */
const changesAtOnce = 256;
/** API servers mark the end of what was there with this annotation. */
const initialEventsEnd = 'k8s.io/initial-events-end';

/** Lines of a watch; ends with the time, with the feed, or with an ERROR event. */
export async function* watchLines(plan: WatchPlan): AsyncGenerator<Uint8Array, void, undefined> {
  const alarm = new Alarm();
  const ended = new AbortController();
  const ring = (): void => alarm.ring();
  const unsubscribe = plan.journal.subscribe(ring);
  plan.signal.addEventListener('abort', ring, { once: true });
  const endsAtMs = plan.clock.nowMs() + plan.durationMs;
  void ticks(plan, { endsAtMs, signal: ended.signal, ring });
  try {
    yield* initialLines(plan);
    yield* changeLines(plan, { alarm, endsAtMs });
  } finally {
    ended.abort();
    unsubscribe();
    plan.signal.removeEventListener('abort', ring);
  }
}

/** The one ERROR event: the client must list anew. */
export function expiredLine(message: string): Uint8Array {
  const status = {
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' },
    ...{ message, reason: 'Expired', code: 410 },
  };
  return watchLine('ERROR', Buffer.from(JSON.stringify(status)));
}

async function* initialLines(plan: WatchPlan): AsyncGenerator<Uint8Array, void, undefined> {
  const { initial, initialEnd, signal } = plan;
  if (initial === undefined) return;
  for await (const { object } of initial) {
    if (signal.aborted) return;
    yield watchLine('ADDED', object);
  }
  if (initialEnd !== '') yield bookmark(plan, initialEnd, { [initialEventsEnd]: 'true' });
}

async function* changeLines(
  plan: WatchPlan,
  time: { readonly alarm: Alarm; readonly endsAtMs: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  const { journal, clock, signal } = plan;
  let place = plan.start.next;
  let bookmarkAtMs = clock.nowMs() + bookmarkMs;
  while (!signal.aborted) {
    if (journal.isClosed) return;
    const read = journal.read(place, changesAtOnce);
    if (read.kind === 'expired') {
      yield expiredLine('fairlead: the watch was too slow for what has changed; list again');
      return;
    }
    for (const change of read.changes) {
      yield* linesOf(plan, change, place);
      place += 1;
    }
    if (read.changes.length > 0) continue;
    const nowMs = clock.nowMs();
    const isOver = nowMs >= time.endsAtMs;
    if (isOver || nowMs >= bookmarkAtMs) {
      bookmarkAtMs = nowMs + bookmarkMs;
      yield* bookmarks(plan);
    }
    if (isOver) return;
    await time.alarm.rung();
  }
}

function linesOf(plan: WatchPlan, change: PublishedChange, place: number): readonly Uint8Array[] {
  const { namespace, selector, start } = plan;
  if (namespace !== undefined && change.namespace !== namespace) return [];
  if (start.isKnown(place, change)) return [];
  return change.eventsFor(selector).map((type) => change.line(type));
}

/** Everything up to here has been told: true only where nothing is left to be read. */
function bookmarks(plan: WatchPlan): readonly Uint8Array[] {
  if (plan.bookmarks === 'none') return [];
  const version = plan.journal.versionOf(plan.namespace);
  if (!isOrdered(version) || plan.start.isAhead(version)) return [];
  return [bookmark(plan, version)];
}

function bookmark(
  { kind }: WatchPlan,
  resourceVersion: string,
  annotations?: Readonly<Record<string, string>>,
): Uint8Array {
  const metadata = { resourceVersion, ...(annotations && { annotations }) };
  const object = { kind: kind.kind, apiVersion: kind.apiVersion, metadata };
  return watchLine('BOOKMARK', Buffer.from(JSON.stringify(object)));
}

/** Rings when it is time for a bookmark, and when it is time to end. */
async function ticks(
  { clock }: WatchPlan,
  {
    endsAtMs,
    signal,
    ring,
  }: { readonly endsAtMs: number; readonly signal: AbortSignal; readonly ring: () => void },
): Promise<void> {
  while (!signal.aborted) {
    const leftMs = endsAtMs - clock.nowMs();
    if (leftMs <= 0) return;
    // Rejects when the watch has ended, which the loop sees.
    await clock.sleep(Math.min(bookmarkMs, leftMs), signal).catch(() => undefined);
    ring();
  }
}
