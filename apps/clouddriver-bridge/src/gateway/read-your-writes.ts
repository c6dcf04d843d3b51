/**
 * Who has written an object through the gateway finds it in SQL: the object of the answer, or one read
 * for it, is committed ahead of its feed. The end of the answer waits for that, but not for long.
 */
import {
  ApiTunnelError,
  type ApiHandler,
  type ApiRequest,
  type ApiResponse,
} from '@fairlead/api-tunnel';
import { type OpenFeed } from '@fairlead/protocol';
import { type AheadFate, type AheadObject } from '../ahead-object.ts';
import { commitFound } from './commit-found.ts';
import { type ApiLayer } from './find-api.ts';
import { foundInObject, type ViewedFeed } from './found-object.ts';
import { heldBody } from './held-body.ts';
import { objectWriteOf, type ObjectWrite } from './object-write.ts';
import { readObject } from './read-object.ts';

/** What is used of an account's writer. */
export interface AheadWriter {
  /** The open feed that brings objects of a resource type in a namespace. */
  feedOf(of: Pick<AheadObject, 'group' | 'resource' | 'namespace'>): OpenFeed | undefined;
  /** Writes what was found ahead of its feed. */
  writeAhead(found: AheadObject): Promise<AheadFate>;
}

/** What the layer works with. */
export interface ReadYourWritesDeps {
  /** Who writes an account's rows here, if anybody does. */
  readonly writerOf: (account: string) => AheadWriter | undefined;
  /** Time. */
  readonly clock: { nowMs(): number; sleep(ms: number, signal: AbortSignal): Promise<void> };
  /** Told what became of what a client has written. Must not throw. */
  readonly settled: (account: string, fate: AheadFate | 'unread') => void;
  /** Something has failed that should not. */
  readonly fault: (error: unknown) => void;
}

/** The end of an answer waits so long for the commit, in ms; after that the client is not kept. */
const longestHoldMs = 50;
/** Longest answer that is read along, in bytes: etcd takes objects of 1.5 MiB by default. */
const maxAnswerBytes = 3 * 1024 * 1024;
/** How long the cluster may take for the read after a write, in ms. */
const readTimeoutMs = 10_000;

/** One write on its way. */
interface Write {
  readonly account: string;
  readonly request: ApiRequest;
  readonly what: ObjectWrite;
  readonly feed: ViewedFeed;
  /** By the epoch in which the request was sent: the answer speaks of the cluster of that time. */
  readonly writer: AheadWriter;
  readonly next: ApiHandler;
}

/** Makes the layer. */
export function readYourWrites(deps: ReadYourWritesDeps): ApiLayer {
  return (account, next) => async (request) => {
    const what = objectWriteOf(request);
    const writer = what && deps.writerOf(account);
    const feed = what && writer?.feedOf(what);
    if (what === undefined || writer === undefined || !isViewed(feed)) return next(request);
    const response = await next(request);
    if (response.status < 200 || response.status > 299) return response;
    return showing(response, { account, request, what, feed, writer, next }, deps);
  };
}

function isViewed(feed: OpenFeed | undefined): feed is ViewedFeed {
  return feed?.view !== undefined;
}

/** The answer, whose end waits for the commit. */
async function showing(
  response: ApiResponse,
  write: Write,
  deps: ReadYourWritesDeps,
): Promise<ApiResponse> {
  const isReadable = isPlainJson(response, write.request) && write.what.method !== 'DELETE';
  const whole = (body: Uint8Array | undefined): Promise<void> =>
    held(commitWrite(write, isReadable ? body : undefined, deps), deps);
  const { body } = response;
  const reader = { maxBytes: isReadable ? maxAnswerBytes : 0, whole };
  if (!(body instanceof Uint8Array)) return { ...response, body: heldBody(body, reader) };
  await whole(body.byteLength > maxAnswerBytes ? undefined : Uint8Array.from(body));
  return response;
}

/** Tables, protobuf and compressed bodies are passed on unread. */
function isPlainJson({ headers }: ApiResponse, request: ApiRequest): boolean {
  const isJson = /^application\/json\s*(;|$)/.test(headers['content-type'] ?? '');
  const isPlain = (headers['content-encoding'] ?? 'identity') === 'identity';
  return isJson && isPlain && !/;\s*as=/.test(request.headers.accept ?? '');
}

/** Commits what the answer shows, or what a read shows where the answer does not. Never rejects. */
async function commitWrite(
  write: Write,
  answer: Uint8Array | undefined,
  deps: ReadYourWritesDeps,
): Promise<void> {
  const { account, writer } = write;
  try {
    const found = await findWritten(write, answer);
    if (found === 'outside') return;
    if (found === 'unread') {
      deps.settled(account, found);
      return;
    }
    const { signal } = new AbortController();
    // While a snapshot is under way the feed itself brings it.
    const fate = await commitFound(found, { writer, clock: deps.clock, patienceMs: 0, signal });
    deps.settled(account, fate);
  } catch (error: unknown) {
    deps.settled(account, 'unread');
    if (!(error instanceof ApiTunnelError)) deps.fault(error);
  } finally {
    // What an agent lets pass to a client may be more than what may be kept.
    answer?.fill(0);
  }
}

/** What there is after the write. */
async function findWritten(
  { what, feed, request, next }: Write,
  answer: Uint8Array | undefined,
): Promise<AheadObject | 'outside' | 'unread'> {
  const answered = answer && foundInObject(answer, { ...feed, version: what.version });
  if (answered?.kind === 'outside') return 'outside';
  const isWhole = what.isAnswered && feed.version === what.version && !feed.view.metadataOnly;
  if (answered?.kind === 'object' && isWhole && !isLeaving(answer)) return answered.found;
  const name = what.name === '' && answered?.kind === 'object' ? answered.found.name : what.name;
  if (name === '') return 'unread';
  const reading = await readObject(
    feed,
    { namespace: what.namespace, name },
    {
      ...{ api: next, caller: request.caller },
      signal: AbortSignal.timeout(readTimeoutMs),
    },
  );
  if (reading.kind === 'read') return reading.found;
  return reading.kind === 'outside' ? 'outside' : 'unread';
}

/** With its last finalizer an object goes, and the answer shows it nevertheless. */
function isLeaving(answer: Uint8Array | undefined): boolean {
  return answer !== undefined && Buffer.from(answer).includes('"deletionTimestamp"');
}

/** Waits, but not for long. */
async function held(work: Promise<void>, { clock }: ReadYourWritesDeps): Promise<void> {
  const done = new AbortController();
  const limit = clock.sleep(longestHoldMs, done.signal).catch(() => undefined);
  await Promise.race([work, limit]);
  done.abort();
}
