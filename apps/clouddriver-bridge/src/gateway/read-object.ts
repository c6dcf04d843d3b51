/**
 * Reads one object as its feed would: as a list of one name, whose answer says at which
 * resourceVersion it holds, also when there is no such object. A GET's 404 does not say that.
 */
import { chunksOf, noBody, type ApiHandler, type ApiResponse } from '@fairlead/api-tunnel';
import { type AheadObject } from '../ahead-object.ts';
import { foundInList, type ViewedFeed } from './found-object.ts';

/** Which object. */
export interface ObjectName {
  /** `''` for a cluster-scoped object. */
  readonly namespace: string;
  readonly name: string;
}

/** What a read has brought. */
export type ObjectReading =
  | {
      readonly kind: 'read';
      readonly found: AheadObject;
      /** Whether the cluster has it, wherever it may go. */
      readonly isThere: boolean;
    }
  | /** It is in a namespace that does not leave the cluster. */ { readonly kind: 'outside' }
  | {
      readonly kind: 'failed';
      /** HTTP status of the answer; 502 for one that cannot be read. */
      readonly status: number;
      /** For people. */
      readonly message: string;
    };

/** How it is read. */
export interface ReadVia {
  /** The way to the cluster. */
  readonly api: ApiHandler;
  /** In whose name. */
  readonly caller: string;
  readonly signal: AbortSignal;
}

/** Longest answer in bytes: one object of at most 1.5 MiB in etcd, in JSON. */
const maxAnswerBytes = 16 * 1024 * 1024;
/** Longest answer that is read for its message, in bytes. */
const maxStatusBytes = 64 * 1024;

/**
 * Reads one object of a feed's type.
 *
 * @throws ApiTunnelError when there is no answer
 */
export async function readObject(
  feed: ViewedFeed,
  { namespace, name }: ObjectName,
  { api, caller, signal }: ReadVia,
): Promise<ObjectReading> {
  const accept = feed.view.metadataOnly
    ? 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
    : 'application/json';
  const target = `${collectionOf(feed, namespace)}?${new URLSearchParams({
    fieldSelector: `metadata.name=${name.replace(/[\\,=]/g, String.raw`\$&`)}`,
  }).toString()}`;
  const headers = { accept };
  const request = { method: 'GET', target, headers, upgrade: '', body: noBody, caller, signal };
  const response = await api(request);
  if (response.status !== 200) return failed(response);
  const chunks = await collected(response, maxAnswerBytes);
  if (chunks === undefined) return unreadable('the answer is too large');
  const list = foundInList(chunks, feed);
  if (list.kind === 'unreadable') return unreadable(`the answer cannot be read: ${list.reason}`);
  const { resourceVersion } = list;
  const [first, ...others] = list.objects;
  if (first === undefined) {
    const { group, resource } = feed;
    const found = { group, resource, namespace, name, uid: '', resourceVersion, object: undefined };
    return { kind: 'read', found, isThere: false };
  }
  if (first.kind === 'outside') return first;
  const isIt = first.kind === 'object' && first.found.name === name && others.length === 0;
  if (!isIt) return unreadable('the answer holds something else');
  return { kind: 'read', found: first.found, isThere: true };
}

function collectionOf({ group, version, resource, namespaced }: ViewedFeed, namespace: string) {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const place = namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${place}/${resource}`;
}

function unreadable(message: string): ObjectReading {
  return { kind: 'failed', status: 502, message };
}

/** The message of a `Status` object, if the answer is one. */
async function failed(response: ApiResponse): Promise<ObjectReading> {
  const { status } = response;
  const chunks = await collected(response, maxStatusBytes);
  const message = messageIn(Buffer.concat(chunks ?? []).toString('utf8'));
  return { kind: 'failed', status, message: message ?? `the API server answered ${status}` };
}

function messageIn(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    return typeof message === 'string' && message !== '' ? message : undefined;
  } catch {
    // A proxy's page, for example: the status says enough.
    return undefined;
  }
}

/** The body's chunks, each the receiver's own; nothing of one that is longer. */
async function collected(
  { body }: ApiResponse,
  maxBytes: number,
): Promise<readonly Uint8Array[] | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(body)) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined;
    chunks.push(Uint8Array.from(chunk));
  }
  return chunks;
}
