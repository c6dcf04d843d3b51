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
import { readRefusal } from './read-refusal.ts';
import { acceptOf, type ObjectForm } from './object-policy.ts';
import { collectionPath, type FeedKey } from './resource-type.ts';
import { isBefore } from './resource-version.ts';
import type { Position } from './server-position.ts';
import { inputOfListEvent, inputOfWatchEvent } from './scan-input.ts';
import type { WatchTuning } from './watch-options.ts';

/** Makes the scanners; a test may put its own in. */
export interface ScannerFactory {
  /** For one list body. */
  list(options: ScannerOptions): Scanner<ListScanEvent>;
  /** For one watch body. */
  watch(options: ScannerOptions): Scanner<WatchScanEvent>;
}

/** The scanners that a feed uses. */
export const SCANNERS: ScannerFactory = Object.freeze({
  list: createListScanner,
  watch: createWatchScanner,
});

/** A request that the machine asked for. */
export type RequestEffect = Extract<FeedEffect, { readonly kind: 'locate' | 'list' | 'watch' }>;

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
  /** For both scanners, but for the form. */
  readonly scannerOptions: ScannerOptions;
  /** In which form objects are asked for now. */
  form(): ObjectForm;
  /** The server does not offer that form (406): from now on whole objects are asked for. */
  formRefused(): void;
  /** Where the account's server is. */
  position(): Promise<Position>;
  /** Steps the machine and performs what follows; a promise when the output has no room. */
  apply(input: FeedInput): Promise<void> | undefined;
  /** False once the machine wants something else: the rest of the answer is not read. */
  isWanted(): boolean;
  /** Waits until the next chunk may be worked off; undefined = at once, as for every watch. */
  turn(): Promise<void> | undefined;
  received(bytes: number): void;
  scanned(event: ListScanEvent | WatchScanEvent): void;
}

/** Sends the request and reads the answer; throws what breaks the connection or the body. */
export async function exchange(
  request: RequestEffect,
  connection: Connection,
  host: ExchangeHost,
): Promise<void> {
  if (request.kind === 'locate') return locate(request.floor, connection, host);
  const isPage = request.kind === 'list' && request.request.via === 'pages';
  const query =
    request.kind === 'list'
      ? listQuery(request.request, host)
      : watchQuery(request.resourceVersion, host);
  const response = await send(query, { use: isPage ? 'list' : 'watch', connection }, host);
  if (response.status !== 200) return refuse(response, connection, host);
  await host.apply({ kind: 'opened', atMs: host.clock.nowMs() });
  await (isPage ? readPage(response, connection, host) : readWatch(response, connection, host));
}

/** Asks for the account's position and, where that is not enough, for the collection's own. */
async function locate(floor: string, connection: Connection, host: ExchangeHost): Promise<void> {
  const { signal } = connection.controller;
  const shared = await orAborted(host.position(), signal);
  connection.watchdog.heard();
  if (shared === null || (shared !== '' && !isBefore(shared, floor))) {
    return host.apply({
      kind: 'located',
      resourceVersion: shared ?? '',
      atMs: host.clock.nowMs(),
    });
  }
  // Some types have a storage of their own: aggregated APIs, Events in an etcd of their own.
  const response = await send({ limit: '1' }, { use: 'list', connection }, host);
  if (response.status !== 200) return refuse(response, connection, host);
  let resourceVersion = '';
  const scanner = host.scanners.list(scannerOptions(host));
  await readChunks(response, connection, {
    host,
    scanner,
    deliver: (events) => {
      for (const event of events) if (event.kind === 'listMeta') ({ resourceVersion } = event);
    },
  });
  return host.apply({ kind: 'located', resourceVersion, atMs: host.clock.nowMs() });
}

async function send(
  query: Readonly<Record<string, string>>,
  at: { readonly use: 'list' | 'watch'; readonly connection: Connection },
  host: ExchangeHost,
): Promise<ClusterApiResponse> {
  const { signal } = at.connection.controller;
  const path = collectionPath(host.key);
  for (;;) {
    const form = host.form();
    const headers = { accept: acceptOf(form, at.use) };
    // Races the signal too: an API that forgets it must not hold the feed.
    const response = await orAborted(host.api.request({ path, query, headers, signal }), signal);
    at.connection.watchdog.heard();
    if (response.status !== NOT_ACCEPTABLE || form === 'object') return response;
    host.formRefused();
    await orAborted(readRefusal(response, host.clock.nowMs()), signal);
  }
}

/** HTTP: none of the forms in `Accept` is to be had. */
const NOT_ACCEPTABLE = 406;

async function refuse(
  response: ClusterApiResponse,
  connection: Connection,
  host: ExchangeHost,
): Promise<void> {
  const { signal } = connection.controller;
  const refusal = await orAborted(readRefusal(response, host.clock.nowMs()), signal);
  return host.apply({ kind: 'refused', ...refusal, atMs: host.clock.nowMs() });
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
  const take = (event: WatchScanEvent, atMs: number): FeedInput =>
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
  // One promise per chunk at most: what costs something per object must be a plain call.
  const deliver = async (events: readonly E[]): Promise<void> => {
    const atMs = host.clock.nowMs();
    // While the output makes us wait, the silence of the socket is our own.
    watchdog.pause();
    for (const event of events) {
      if (!host.isWanted()) return;
      host.scanned(event);
      const input = take(event, atMs);
      const waiting = input === null ? undefined : host.apply(input);
      if (waiting !== undefined) await waiting;
    }
    // Nearly always nothing had to wait: then the objects were never copied out of the scanner.
    scanner.release();
    watchdog.resume();
  };
  await readChunks(response, connection, { host, scanner, deliver });
}

interface ChunkReading<E> {
  readonly host: ExchangeHost;
  readonly scanner: Scanner<E>;
  readonly deliver: (events: readonly E[]) => Promise<void> | void;
}

async function readChunks<E>(
  response: ClusterApiResponse,
  connection: Connection,
  reading: ChunkReading<E>,
): Promise<void> {
  const chunks = response.body[Symbol.asyncIterator]();
  try {
    while (await readChunk(chunks, connection, reading));
  } finally {
    reading.scanner.dispose();
    await chunks.return?.();
  }
}

/**
 * Reads on by one chunk; false when the body is over or not wanted any more. A function of its own,
 * since a loop that waits for the next chunk keeps the last one alive: 64 KiB for each idle watch.
 */
async function readChunk<E>(
  chunks: AsyncIterator<Uint8Array>,
  { watchdog, controller }: Connection,
  { host, scanner, deliver }: ChunkReading<E>,
): Promise<boolean> {
  const next = await chunks.next();
  if (next.done === true) {
    await deliver(scanner.end());
    return false;
  }
  const chunk = next.value;
  watchdog.heard();
  const turn = host.turn();
  if (turn !== undefined) {
    watchdog.pause();
    await orAborted(turn, controller.signal);
    watchdog.resume();
  }
  host.received(chunk.length);
  await deliver(scanner.push(chunk));
  return host.isWanted();
}

function scannerOptions(host: ExchangeHost): ScannerOptions {
  return { ...host.scannerOptions, form: host.form() };
}
