// One object as a simulated cluster keeps it: bytes, ready to be sent, and the few texts that
// finding it takes. It never changes: an update puts another in its place, so that a list or a
// watch under way can go on with the old one.
import { type Labels } from './selectors.ts';
import { type JsonObject, parseJson, sortKeys, stringifyJson } from './json-value.ts';
import { objectPrefix, type ServedResource } from './served-resource.ts';

/** Bytes that know how to copy themselves, so that they need not be put together beforehand. */
export interface CopyableBytes {
  /** How many there are. */
  readonly byteLength: number;
  /** Copies them to a place in `target`. */
  copyTo(target: Buffer, at: number): void;
}

/** An object at rest. */
export class StoredObject implements CopyableBytes {
  /** 'namespace/name', or the name alone for cluster-scoped types; also the order of lists. */
  readonly key: string;
  /** The resourceVersion at which it was last written. */
  readonly resourceVersion: number;
  /** `metadata.uid`. */
  readonly uid: string;
  /** `metadata.ownerReferences[0].uid`; '' when nobody owns it. */
  readonly ownerUid: string;
  readonly #tail: Buffer | undefined;
  #labels: Labels | undefined;

  constructor(parts: {
    key: string;
    resourceVersion: number;
    uid: string;
    ownerUid: string;
    /** Absent when a subclass makes the tail. */
    tail?: Buffer;
  }) {
    this.key = parts.key;
    this.resourceVersion = parts.resourceVersion;
    this.uid = parts.uid;
    this.ownerUid = parts.ownerUid;
    this.#tail = parts.tail;
  }

  /** Everything after kind and apiVersion, from `"metadata":` to the closing brace. */
  get tail(): Buffer {
    if (this.#tail === undefined) throw new Error(`${this.key} has no bytes`);
    return this.#tail;
  }

  /** `metadata.namespace`; '' for cluster-scoped types. */
  get namespace(): string {
    return this.key.slice(0, Math.max(0, this.key.indexOf('/')));
  }

  /** `metadata.name`. */
  get name(): string {
    return this.key.slice(this.key.indexOf('/') + 1);
  }

  /** Length of the tail. */
  get byteLength(): number {
    return this.tail.length;
  }

  copyTo(target: Buffer, at: number): void {
    target.set(this.tail, at);
  }

  /**
   * The same object under another resourceVersion, done without its bytes; undefined when there
   * is no other way than through them. With `now` its last condition changed then.
   */
  moved(_resourceVersion: number, _now?: string): StoredObject | undefined {
    return undefined;
  }

  /** `metadata.labels`, read from the bytes the first time. */
  get labels(): Labels {
    this.#labels ??= labelsIn(this.tail);
    return this.#labels;
  }
}

/** 'namespace/name', or the name alone where there is no namespace. */
export function objectKey(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** Reads the whole object, kind and apiVersion first. */
export function readObject(type: ServedResource, stored: StoredObject): JsonObject {
  return parseJson(`${objectPrefix(type)}${stored.tail.toString()}`) as JsonObject;
}

/** Prints an object for rest; its metadata must be complete. */
export function storeObject(type: ServedResource, object: JsonObject): StoredObject {
  const metadata = object.metadata as JsonObject;
  const owners = metadata.ownerReferences as readonly JsonObject[] | undefined;
  return new StoredObject({
    key: objectKey((metadata.namespace ?? '') as string, metadata.name as string),
    resourceVersion: Number(metadata.resourceVersion),
    uid: metadata.uid as string,
    ownerUid: (owners?.[0]?.uid ?? '') as string,
    tail: Buffer.from(printTail(type, object)),
  });
}

/** The same object under a newer resourceVersion (a deleted one is sent with that of its end). */
export function atResourceVersion(
  type: ServedResource,
  stored: StoredObject,
  resourceVersion: number,
): StoredObject {
  const moved = stored.moved(resourceVersion);
  if (moved !== undefined) return moved;
  if (type.isCustom) {
    // In key order, labels and annotations come first and may hold the same text.
    const object = readObject(type, stored);
    (object.metadata as JsonObject).resourceVersion = String(resourceVersion);
    return storeObject(type, object);
  }
  const { key, uid, ownerUid } = stored;
  const tail = spliceResourceVersion(stored.tail, resourceVersion);
  return new StoredObject({ key, uid, ownerUid, resourceVersion, tail });
}

/** A status report: the same object under a newer resourceVersion, its last condition changed now. */
export function touchObject(
  type: ServedResource,
  stored: StoredObject,
  { resourceVersion, now }: { readonly resourceVersion: number; readonly now: string },
): StoredObject {
  const moved = stored.moved(resourceVersion, now);
  if (moved !== undefined) return moved;
  const touched = atResourceVersion(type, stored, resourceVersion);
  const { tail } = touched;
  const at = tail.lastIndexOf(TRANSITION_TIME);
  if (at >= 0) tail.write(now, at + TRANSITION_TIME.length, 'latin1');
  return touched;
}

const TRANSITION_TIME = Buffer.from('"lastTransitionTime":"');
const RESOURCE_VERSION = Buffer.from('"resourceVersion":"');

/**
 * A copy of a built-in object's tail with another resourceVersion. Only name, namespace and uid
 * stand before it (see `METADATA_ORDER`), so the first occurrence is the right one.
 */
function spliceResourceVersion(tail: Buffer, resourceVersion: number): Buffer {
  const start = tail.indexOf(RESOURCE_VERSION) + RESOURCE_VERSION.length;
  const end = tail.indexOf(0x22, start);
  const digits = String(resourceVersion);
  const copy = Buffer.allocUnsafeSlow(tail.length - (end - start) + digits.length);
  tail.copy(copy, 0, 0, start);
  copy.write(digits, start, 'latin1');
  tail.copy(copy, start + digits.length, end);
  return copy;
}

/** Order of metadata in the real server's JSON (the order of the Go struct). */
const METADATA_ORDER = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
];
/** Go maps among the members of built-in objects: printed in key order. */
const MAP_MEMBERS = ['data', 'binaryData', 'stringData'];

function printTail(type: ServedResource, object: JsonObject): string {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object;
  if (type.isCustom) {
    return stringifyJson(sortKeys({ metadata, ...rest })).slice(1);
  }
  const ordered: JsonObject = { metadata: orderMetadata(metadata as JsonObject) };
  for (const [member, value] of Object.entries(rest)) {
    ordered[member] = MAP_MEMBERS.includes(member) && value !== undefined ? sortKeys(value) : value;
  }
  return stringifyJson(ordered).slice(1);
}

function orderMetadata(metadata: JsonObject): JsonObject {
  const ordered: JsonObject = {};
  for (const key of METADATA_ORDER) {
    const value = metadata[key];
    if (value === undefined || value === null) continue;
    ordered[key] = key === 'labels' || key === 'annotations' ? sortKeys(value) : value;
  }
  return ordered;
}

function labelsIn(tail: Buffer): Labels {
  const object = JSON.parse(`{${tail.toString()}`) as { metadata: { labels?: Labels } };
  return object.metadata.labels ?? {};
}
