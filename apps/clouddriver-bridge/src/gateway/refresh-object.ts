/**
 * Reads one object from its cluster and has it committed, when somebody asks for it. A layer, since it
 * must happen at the bridge that feeds the account: a request to a path that no API server has goes
 * the way of all others, also over another bridge.
 */
import {
  chunksOf,
  statusResponse,
  type ApiBody,
  type ApiHandler,
  type ApiRequest,
  type ApiResponse,
} from '@fairlead/api-tunnel';
import { z } from 'zod';
import { type OpenedFeed } from '../account-feeds.ts';
import { type AheadFate, type AheadObject } from '../ahead-object.ts';
import { commitFound } from './commit-found.ts';
import { type ApiLayer } from './find-api.ts';
import { type ViewedFeed } from './found-object.ts';
import { readObject, type ObjectReading } from './read-object.ts';

/** Where the layer listens. */
export const refreshTarget = '/fairlead.v1/refresh';

/** What is asked for. */
export const refreshRequest = z.strictObject({
  /** Spinnaker kind, plural, `Kind.group` or `plural.group`; in any case of letters. */
  kind: z.string().min(1).max(256),
  /** `''` or `_` for a cluster-scoped object. */
  namespace: z.string().max(253).default(''),
  name: z.string().min(1).max(253),
});

/** What came of it. */
export interface RefreshAnswer {
  /** Clouddriver's spelling. */
  readonly kind: string;
  /** Id of the row. */
  readonly id: string;
  /** Of the object, or at which there is none. */
  readonly resourceVersion: string;
  /** Whether the cluster has it. */
  readonly found: boolean;
  /** From the question to the commit. */
  readonly elapsedMs: number;
}

/** What is used of an account's writer. */
export interface RefreshWriter {
  /** The open feeds. */
  feeds(): readonly OpenedFeed[];
  /** Writes what was found ahead of its feed. */
  writeAhead(found: AheadObject): Promise<AheadFate>;
}

/** What the layer works with. */
export interface RefreshDeps {
  /** Who writes an account's rows here, if anybody does. */
  readonly writerOf: (account: string) => RefreshWriter | undefined;
  /** Time. */
  readonly clock: { nowMs(): number; sleep(ms: number, signal: AbortSignal): Promise<void> };
}

/** While a feed takes a snapshot, whoever asks waits so long for its end, in ms. */
const patienceMs = 15_000;
const maxRequestBytes = 4096;

/** Why an object that was read is not stored as it is. */
const unstored: Readonly<
  Record<Exclude<AheadFate, 'committed' | 'passed'>, readonly [number, string]>
> = {
  putAside: [409, 'the object is put aside: see the dead letters'],
  later: [503, 'its feed takes a snapshot, and will bring it'],
  unordered: [503, 'its resourceVersions have no order: its feed will bring it'],
  noFeed: [404, 'no open feed brings such objects'],
  stopped: [503, 'the account is fed by another bridge by now'],
};

/** Makes the layer. */
export function refreshLayer(deps: RefreshDeps): ApiLayer {
  return (account, next) => async (request) => {
    if (request.target !== refreshTarget) return next(request);
    if (request.method !== 'POST') return said(405, 'this is asked by POST');
    const startMs = deps.clock.nowMs();
    const asked = refreshRequest.safeParse(parse(await textOf(request.body)));
    if (!asked.success) return said(400, 'expected { kind, namespace, name }');
    const writer = deps.writerOf(account);
    if (writer === undefined) return said(503, 'the account is not fed over this bridge now');
    const { kind, name } = asked.data;
    const namespace = asked.data.namespace === '_' ? '' : asked.data.namespace;
    const opened = feedFor(writer.feeds(), { kind, namespace });
    if (opened === undefined) return said(404, `no open feed brings ${kind} there`);
    const { feed, type } = opened.intake;
    const { view } = feed;
    if (view === undefined) return said(503, 'its agent is too old to be asked for single objects');
    const way = { request, next, writer, feed: { ...feed, view } };
    const outcome = await refresh({ namespace, name }, way, deps);
    if ('status' in outcome) return outcome;
    const { id } = opened.intake.rowKey({ namespace, name });
    const elapsedMs = deps.clock.nowMs() - startMs;
    return answered({ kind: type, id, ...outcome, elapsedMs });
  };
}

async function refresh(
  name: { readonly namespace: string; readonly name: string },
  way: {
    readonly request: ApiRequest;
    readonly next: ApiHandler;
    readonly writer: RefreshWriter;
    readonly feed: ViewedFeed;
  },
  { clock }: RefreshDeps,
): Promise<ApiResponse | Pick<RefreshAnswer, 'resourceVersion' | 'found'>> {
  const { request, next, writer, feed } = way;
  const { caller, signal } = request;
  const reading: ObjectReading = await readObject(feed, name, { api: next, caller, signal });
  if (reading.kind === 'outside') return said(404, 'objects of that namespace are not stored');
  if (reading.kind === 'failed') return said(reading.status, reading.message);
  const fate = await commitFound(reading.found, { writer, clock, patienceMs, signal });
  if (fate !== 'committed' && fate !== 'passed') return said(...unstored[fate]);
  return { resourceVersion: reading.found.resourceVersion, found: reading.isThere };
}

/** By any of the names that people and programs have for a kind. */
function feedFor(
  feeds: readonly OpenedFeed[],
  asked: { readonly kind: string; readonly namespace: string },
): OpenedFeed | undefined {
  const kind = asked.kind.toLowerCase();
  return feeds.find(({ intake: { feed, type }, shadowedBy }) => {
    const { group, resource } = feed;
    const names = [type, resource, `${feed.kind}.${group}`, `${resource}.${group}`];
    const isPlace = feed.namespace === '' || feed.namespace === asked.namespace;
    const isScope = feed.namespaced === (asked.namespace !== '');
    const isKind = names.some((each) => each.toLowerCase() === kind);
    return shadowedBy === undefined && isPlace && isScope && isKind;
  });
}

function answered(answer: RefreshAnswer): ApiResponse {
  const headers = { 'content-type': 'application/json' };
  return { status: 200, headers, body: Buffer.from(JSON.stringify(answer)) };
}

function said(status: number, message: string): ApiResponse {
  const headers = status === 503 ? { 'retry-after': '5' } : {};
  return statusResponse({ status, message, headers });
}

/** The request's text; `''` for one that is too long to be any. */
async function textOf(body: ApiBody): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(body)) {
    bytes += chunk.byteLength;
    if (bytes > maxRequestBytes) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Told by the caller.
    return undefined;
  }
}
