/**
 * Objects that were found beside their feed, in an answer or by a read: cut and left out exactly as
 * the agent does it with the feed's own, so that nothing comes to SQL on a way round. Nothing of what
 * is cut becomes a string.
 */
import { type FeedView, type OpenFeed } from '@fairlead/protocol';
import {
  createListScanner,
  ScrubberError,
  type ListScanEvent,
  type ScannedObject,
} from '@fairlead/secret-scrubber';
import { type AheadObject } from '../ahead-object.ts';

/** A feed whose agent has told what leaves the cluster. */
export type ViewedFeed = OpenFeed & { readonly view: FeedView };

/** What a list of objects of a feed holds. */
export type FoundList =
  | {
      readonly kind: 'list';
      readonly objects: readonly FoundObject[];
      /** Of the list; `''` if it has none. */
      readonly resourceVersion: string;
    }
  | /** It is none, or cannot be read. */ { readonly kind: 'unreadable'; readonly reason: string };

/** One object of it. */
export type FoundObject =
  | {
      readonly kind: 'object';
      readonly found: AheadObject;
    }
  | /** It is in a namespace that the feed says nothing of. */ { readonly kind: 'outside' }
  | /** Not one of the feed's objects, or not readable. */ { readonly kind: 'other' };

/** Annotation that Spinnaker puts on what it deploys. */
const managedAnnotation = 'moniker.spinnaker.io/application';
/** Nobody's Spinnaker annotates these. */
const alwaysManaged: ReadonlySet<string> = new Set(['Namespace', 'CustomResourceDefinition']);

const listStart = Buffer.from('{"kind":"List","apiVersion":"v1","metadata":{},"items":[');
const listEnd = Buffer.from(']}');

/** One object as an answer holds it; the bytes are overwritten where they may hold secrets. */
export function foundInObject(object: Uint8Array, feed: ViewedFeed): FoundObject {
  const list = foundInList([Buffer.concat([listStart, object, listEnd])], feed);
  const [found] = list.kind === 'list' ? list.objects : [];
  return found ?? { kind: 'other' };
}

/** A list of the feed's type; the chunks are overwritten where they may hold secrets. */
export function foundInList(chunks: Iterable<Uint8Array>, feed: ViewedFeed): FoundList {
  const { view } = feed;
  const scanner = createListScanner({
    apiVersion: apiVersionOf(feed),
    kind: feed.kind,
    form: view.metadataOnly ? 'metadata' : 'object',
    redact: view.redact,
    prune: view.prune,
    readAnnotations: [managedAnnotation],
    wipeChunks: feed.kind === 'Secret' || view.redact.length > 0,
  });
  try {
    const events: ListScanEvent[] = [];
    for (const chunk of chunks) events.push(...scanner.push(chunk));
    events.push(...scanner.end());
    return listOf(events, feed);
  } catch (error: unknown) {
    if (error instanceof ScrubberError) return { kind: 'unreadable', reason: error.code };
    throw error;
  } finally {
    scanner.dispose();
  }
}

function listOf(events: readonly ListScanEvent[], feed: ViewedFeed): FoundList {
  const objects: FoundObject[] = [];
  let resourceVersion = '';
  for (const event of events) {
    if (event.kind === 'status') return { kind: 'unreadable', reason: event.reason };
    if (event.kind === 'listMeta') ({ resourceVersion } = event);
    else objects.push(event.kind === 'object' ? seen(event.object, feed) : { kind: 'other' });
  }
  return { kind: 'list', objects, resourceVersion };
}

function seen(object: ScannedObject, feed: ViewedFeed): FoundObject {
  const { kind, apiVersion, namespace, name, uid, resourceVersion } = object;
  if (kind !== feed.kind || apiVersion !== apiVersionOf(feed)) return { kind: 'other' };
  if (isOutside(object, feed.view)) return { kind: 'outside' };
  const { group, resource } = feed;
  const names = { group, resource, namespace, name, uid, resourceVersion };
  const leaves = !feed.view.onlySpinnakerManaged || isManaged(object);
  return { kind: 'object', found: { ...names, object: leaves ? object.bytes : undefined } };
}

function isOutside(object: ScannedObject, view: FeedView): boolean {
  const isNamespace = object.kind === 'Namespace' && object.namespace === '';
  const namespace = isNamespace ? object.name : object.namespace;
  if (namespace === '') return false;
  const isWanted = view.namespaces.length === 0 || view.namespaces.includes(namespace);
  return !isWanted || view.omitNamespaces.includes(namespace);
}

/** Old versions of Spinnaker wrote JSON strings: two quotes name no application either. */
function isManaged({ kind, annotations }: ScannedObject): boolean {
  const application = annotations.get(managedAnnotation) ?? '';
  return alwaysManaged.has(kind) || (application !== '' && application !== '""');
}

function apiVersionOf({ group, version }: OpenFeed): string {
  return group === '' ? version : `${group}/${version}`;
}
