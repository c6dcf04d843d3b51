/** From what a scanner found in a body to what the feed machine is told. */
import type { ListScanEvent, WatchScanEvent } from '@fairlead/secret-scrubber';
import type { FeedInput } from './feed-state.ts';
import type { FeedKey } from './resource-type.ts';

/** An event of a list's body as an input. */
export function inputOfListEvent(
  event: Exclude<ListScanEvent, { readonly kind: 'listMeta' }>,
  atMs: number,
  key: FeedKey,
): FeedInput {
  switch (event.kind) {
    case 'object':
      return { kind: 'item', object: event.object, atMs };
    case 'status':
      return refusedBy(event, atMs);
    case 'unscannable':
      return unreadable(event, atMs, key);
  }
}

/** An event of a watch's body as an input. */
export function inputOfWatchEvent(event: WatchScanEvent, atMs: number, key: FeedKey): FeedInput {
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

function unreadable(
  event: Extract<ListScanEvent, { readonly kind: 'unscannable' }>,
  atMs: number,
  key: FeedKey,
): FeedInput {
  const { name, namespace } = event;
  // The scan stopped before the object's whole name.
  if (name === undefined || (key.namespaced && namespace === undefined)) {
    return { kind: 'unidentified', atMs };
  }
  return { kind: 'unreadable', namespace: namespace ?? '', name, atMs };
}

function refusedBy(
  status: { readonly code: number; readonly reason: string; readonly message: string },
  atMs: number,
): FeedInput {
  const { code, reason, message } = status;
  return { kind: 'refused', status: code, reason, message, retryAfterMs: 0, atMs };
}
