/**
 * One request of a feed and its answer, from the first byte to the last: bytes go through the
 * scanner, each event becomes an input of the machine before the next chunk is read. No body is
 * ever held whole.
 */
import type {
  ListScanEvent,
  Scanner,
  ScannerOptions,
  WatchScanEvent,
} from '@fairlead/secret-scrubber';
import { createListScanner, createWatchScanner } from '@fairlead/secret-scrubber';
import { orAborted } from './aborting.ts';
import type { ClusterApi, ClusterApiResponse, Clock, Random } from './cluster-api.ts';
import { listQuery, watchQuery } from './feed-request.ts';
import type { FeedEffect, FeedInput } from './feed-state.ts';
import type { IdleWatchdog } from './idle-watchdog.ts';
import { MANAGED_ANNOTATION } from './object-filter.ts';
import { readRefusal } from './read-refusal.ts';
import { apiVersionOf, collectionPath, type FeedKey } from './resource-type.ts';
import type { WatchTuning } from './watch-options.ts';

/** Makes the scanners; a test may put its own in. */
export interface ScannerFactory {
  list(options: ScannerOptions): Scanner<ListScanEvent>;
  watch(options: ScannerOptions): Scanner<WatchScanEvent>;
}

/** The scanners that a feed uses. */
export const SCANNERS: ScannerFactory = Object.freeze({
  list: createListScanner,
  watch: createWatchScanner,
});

/** A request that the machine asked for. */
export type RequestEffect = Extract<FeedEffect, { readonly kind: 'list' | 'watch' }>;

/** One connection: aborted from outside, or by the watchdog when it is silent. */
export interface Connection {
  readonly controller: AbortController;
  readonly watchdog: IdleWatchdog;
}

/** What an exchange needs of its feed. */
export interface ExchangeHost {
  readonly key: FeedKey;
  readonly api: ClusterApi;
  readonly clock: Clock;
  readonly random: Random;
  readonly scanners: ScannerFactory;
  readonly tuning: WatchTuning;
  /** Steps the machine and performs what follows; settles when the output has room again. */
  apply(input: FeedInput): Promise<void>;
  /** False once the machine wants something else: the rest of the answer is not read. */
  isWanted(): boolean;
  received(bytes: number): void;
  scanned(event: ListScanEvent | WatchScanEvent): void;
}

/** Sends the request and reads the answer; throws what breaks the connection or the body. */
export async function exchange(
  request: RequestEffect,
  connection: Connection,
  host: ExchangeHost,
): Promise<void> {
  const { signal } = connection.controller;
  const query =
    request.kind === 'list'
      ? listQuery(request.request, host)
      : watchQuery(request.resourceVersion, host);
  // Races the signal too: an API that forgets it must not hold the feed.
  const sending = host.api.request({ path: collectionPath(host.key), query, signal });
  const response = await orAborted(sending, signal);
  connection.watchdog.heard();
  if (response.status !== 200) {
    const refusal = await orAborted(readRefusal(response, host.clock.nowMs()), signal);
    return host.apply({ kind: 'refused', ...refusal, atMs: host.clock.nowMs() });
  }
  await host.apply({ kind: 'opened', atMs: host.clock.nowMs() });
  const isPage = request.kind === 'list' && request.request.via === 'pages';
  await (isPage ? readPage(response, connection, host) : readWatch(response, connection, host));
}

async function readPage(
  response: ClusterApiResponse,
  connection: Connection,
  host: ExchangeHost,
): Promise<void> {
  let end = { resourceVersion: '', continueToken: '' };
  await readEvents(response, connection, {
    host,
    scanner: host.scanners.list(scannerOptions(host)),
    take: (event, atMs) => {
      if (event.kind === 'listMeta') end = event;
      return event.kind === 'listMeta' ? null : inputOfListEvent(event, atMs, host.key);
    },
  });
  // Here the body has ended in order; only then it is a page.
  if (host.isWanted()) {
    const { resourceVersion, continueToken } = end;
    await host.apply({ kind: 'listed', resourceVersion, continueToken, atMs: host.clock.nowMs() });
  }
}

async function readWatch(
  response: ClusterApiResponse,
  connection: Connection,
  host: ExchangeHost,
): Promise<void> {
  const scanner = host.scanners.watch(scannerOptions(host));
  const take = (event: WatchScanEvent, atMs: number): FeedInput | null =>
    inputOfWatchEvent(event, atMs, host.key);
  await readEvents(response, connection, { host, scanner, take });
  if (host.isWanted()) {
    await host.apply({ kind: 'broken', cause: 'closed', detail: '', atMs: host.clock.nowMs() });
  }
}

interface Reading<E> {
  readonly host: ExchangeHost;
  readonly scanner: Scanner<E>;
  readonly take: (event: E, atMs: number) => FeedInput | null;
}

async function readEvents<E extends ListScanEvent | WatchScanEvent>(
  response: ClusterApiResponse,
  connection: Connection,
  { host, scanner, take }: Reading<E>,
): Promise<void> {
  const { watchdog } = connection;
  const deliver = async (events: readonly E[]): Promise<void> => {
    const atMs = host.clock.nowMs();
    // While the output makes us wait, the silence of the socket is our own.
    watchdog.pause();
    for (const event of events) {
      host.scanned(event);
      const input = take(event, atMs);
      if (input !== null) await host.apply(input);
      if (!host.isWanted()) return;
    }
    watchdog.resume();
  };
  try {
    for await (const chunk of response.body) {
      watchdog.heard();
      host.received(chunk.length);
      await deliver(scanner.push(chunk));
      if (!host.isWanted()) return;
    }
    await deliver(scanner.end());
  } finally {
    scanner.dispose();
  }
}

function scannerOptions({ key, tuning }: ExchangeHost): ScannerOptions {
  return {
    apiVersion: apiVersionOf(key),
    kind: key.kind,
    readAnnotations: [MANAGED_ANNOTATION],
    maxObjectBytes: tuning.maxObjectBytes,
  };
}

function inputOfListEvent(
  event: Exclude<ListScanEvent, { readonly kind: 'listMeta' }>,
  atMs: number,
  key: FeedKey,
): FeedInput | null {
  switch (event.kind) {
    case 'object':
      return { kind: 'item', object: event.object, atMs };
    case 'status':
      return refusedBy(event, atMs);
    case 'unscannable':
      return unreadable(event, atMs, key);
  }
}

function inputOfWatchEvent(event: WatchScanEvent, atMs: number, key: FeedKey): FeedInput | null {
  switch (event.kind) {
    case 'added':
    case 'modified':
    case 'deleted':
      return { kind: 'changed', change: event.kind, object: event.object, atMs };
    case 'bookmark':
      return { ...event, atMs };
    case 'error':
      return refusedBy(event, atMs);
    case 'unscannable':
      return event.reason === 'malformed'
        ? { kind: 'malformedEvent', atMs }
        : unreadable(event, atMs, key);
  }
}

/** Nothing when the scan stopped before the object's whole name. */
function unreadable(
  event: Extract<ListScanEvent, { readonly kind: 'unscannable' }>,
  atMs: number,
  key: FeedKey,
): FeedInput | null {
  const { name, namespace } = event;
  if (name === undefined || (key.namespaced && namespace === undefined)) return null;
  return { kind: 'unreadable', namespace: namespace ?? '', name, atMs };
}

function refusedBy(
  status: { readonly code: number; readonly reason: string; readonly message: string },
  atMs: number,
): FeedInput {
  const { code, reason, message } = status;
  return { kind: 'refused', status: code, reason, message, retryAfterMs: 0, atMs };
}
