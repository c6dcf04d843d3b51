// Creating, changing and deleting objects of a cluster: each function takes one request, refuses
// it with a StatusError or records it as one change (or, with finalizers, dependents and
// namespaces, several).
import { type ClusterState } from './cluster-state.ts';
import { collectDependents, emptyNamespace } from './garbage-collection.ts';
import { type JsonObject, listAt, objectAt, textAt } from './json-value.ts';
import { type FieldManager, recordManager } from './managed-fields.ts';
import { recordObject, removeObject } from './object-recorder.ts';
import { apiVersionOf, type ServedResource, storeNameOf } from './served-resource.ts';
import { StatusError } from './status-error.ts';
import { objectKey, readObject, type StoredObject } from './stored-object.ts';
import { isSameContent, prepareCreate, prepareUpdate } from './write-preparation.ts';

/** What every write carries. */
export interface WriteOptions {
  /** True: answer as if it were done, and change nothing. */
  readonly isDryRun?: boolean;
  /** Who writes; nothing is put into `managedFields` when absent. */
  readonly manager?: FieldManager;
  /** True: the status that comes with the object is taken too, as only tests may. */
  readonly takesStatus?: boolean;
  /** The configuration that was applied, for server-side apply. */
  readonly applied?: JsonObject;
}

/** How an object is to be deleted. */
export interface DeleteOptions {
  /** What happens to the objects that this one owns. @defaultValue 'Background' */
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  /** Only if it still has this uid. */
  readonly uid?: string;
  /** Only if it still has this resourceVersion. */
  readonly resourceVersion?: string;
  /** Seconds that a running pod is given; 0 ends it at once. @defaultValue 30 */
  readonly gracePeriodSeconds?: number;
  /** True: answer as if it were done, and change nothing. */
  readonly isDryRun?: boolean;
}

/** Finds an object, or refuses as the real server does. */
export function requireObject(
  state: ClusterState,
  type: ServedResource,
  at: { namespace: string; name: string },
): StoredObject {
  const stored = state.store(type).get(objectKey(at.namespace, at.name));
  if (stored === undefined) throw notFound(type, at.name);
  return stored;
}

/** Creates an object. */
export function createObject(
  state: ClusterState,
  type: ServedResource,
  received: JsonObject,
  options: WriteOptions & { namespace: string },
): StoredObject {
  const { namespace } = options;
  if (type.namespaced && !state.hasNamespace(namespace)) {
    throw new StatusError('NotFound', `namespaces "${namespace}" not found`, {
      details: { name: namespace, kind: 'namespaces' },
    });
  }
  const now = state.nowText();
  const prepared = prepareCreate(type, received, { namespace, now, random: state.random });
  takeStatus(prepared, received, options);
  const name = textAt(objectAt(prepared, 'metadata'), 'name');
  if (state.store(type).get(objectKey(type.namespaced ? namespace : '', name)) !== undefined) {
    throw new StatusError('AlreadyExists', `${storeNameOf(type)} "${name}" already exists`, {
      details: { name, group: type.group, kind: type.resource },
    });
  }
  const managed = withManager(state, type, { object: prepared, options });
  return recordObject(state, type, { object: managed, isDryRun: options.isDryRun === true });
}

/** Replaces an object, or only its status. */
export function updateObject(
  state: ClusterState,
  type: ServedResource,
  received: JsonObject,
  options: WriteOptions & { namespace: string; name: string; subresource?: string },
): StoredObject {
  const stored = requireObject(state, type, options);
  const given = textAt(objectAt(received, 'metadata'), 'name');
  if (given !== '' && given !== options.name) {
    throw new StatusError(
      'BadRequest',
      `the name of the object (${given}) does not match the name on the URL (${options.name})`,
    );
  }
  const current = readObject(type, stored);
  const updated = prepareUpdate(type, received, current, options.subresource ?? '');
  takeStatus(updated, received, options);
  if (isSameContent(updated, current)) return stored;
  const managed = withManager(state, type, { object: updated, before: current, options });
  if (isReadyToGo(managed)) return removeObject(state, type, stored);
  return recordObject(state, type, {
    object: managed,
    previous: stored,
    isDryRun: options.isDryRun === true,
  });
}

/** Deletes an object; answers with it as long as something holds it back. */
export function deleteObject(
  state: ClusterState,
  type: ServedResource,
  stored: StoredObject,
  options: DeleteOptions,
): StoredObject {
  requirePreconditions(type, stored, options);
  if (options.isDryRun === true) return stored;
  const object = readObject(type, stored);
  const metadata = objectAt(object, 'metadata') ?? {};
  const isHeld = listAt(metadata, 'finalizers').length > 0;
  const graceSeconds = graceOf(type, object, options);
  if (storeNameOf(type) === 'namespaces') return terminateNamespace(state, type, stored);
  if (!isHeld && graceSeconds === 0) {
    collectDependents(state, stored, options.propagationPolicy ?? 'Background');
    return removeObject(state, type, stored);
  }
  if (metadata.deletionTimestamp !== undefined) return stored;
  const deletionTimestamp = state.nowText();
  const marked = { ...metadata, deletionTimestamp, deletionGracePeriodSeconds: graceSeconds };
  const terminating = recordObject(state, type, {
    object: { ...object, metadata: marked },
    previous: stored,
  });
  if (graceSeconds > 0 && !isHeld) state.afterTermination(() => finish(state, type, terminating));
  return terminating;
}

/** What the kubelet does when a pod's containers have stopped. */
function finish(state: ClusterState, type: ServedResource, terminating: StoredObject): void {
  const stored = state.store(type).get(terminating.key);
  if (stored?.uid === terminating.uid) removeObject(state, type, stored);
}

/** The refusal for an object that is not there. */
export function notFound(type: ServedResource, name: string): StatusError {
  return new StatusError('NotFound', `${storeNameOf(type)} "${name}" not found`, {
    details: { name, group: type.group, kind: type.resource },
  });
}

function takeStatus(object: JsonObject, received: JsonObject, options: WriteOptions): void {
  if (options.takesStatus === true && received.status !== undefined) {
    object.status = received.status;
  }
}

function withManager(
  state: ClusterState,
  type: ServedResource,
  write: { object: JsonObject; before?: JsonObject; options: WriteOptions },
): JsonObject {
  const { manager, applied } = write.options;
  if (manager === undefined) return write.object;
  return recordManager(write.object, write.before, {
    manager,
    apiVersion: apiVersionOf(type),
    time: state.nowText(),
    ...(applied === undefined ? {} : { applied }),
  });
}

/** Deletion was asked for, and the last finalizer has just gone. */
function isReadyToGo(object: JsonObject): boolean {
  const metadata = objectAt(object, 'metadata');
  return (
    metadata?.deletionTimestamp !== undefined &&
    listAt(metadata, 'finalizers').length === 0 &&
    Number(metadata.deletionGracePeriodSeconds ?? 0) === 0
  );
}

function requirePreconditions(
  type: ServedResource,
  stored: StoredObject,
  { uid, resourceVersion }: DeleteOptions,
): void {
  const isOther =
    (uid !== undefined && uid !== stored.uid) ||
    (resourceVersion !== undefined && resourceVersion !== String(stored.resourceVersion));
  if (!isOther) return;
  const { name } = stored;
  throw new StatusError(
    'Conflict',
    `Operation cannot be fulfilled on ${storeNameOf(type)} "${name}": Precondition failed`,
    { details: { name, group: type.group, kind: type.resource } },
  );
}

/** Only a pod on a node is given time; the rest of the world ends at once. */
function graceOf(type: ServedResource, object: JsonObject, options: DeleteOptions): number {
  const spec = objectAt(object, 'spec');
  if (storeNameOf(type) !== 'pods' || textAt(spec, 'nodeName') === '') return 0;
  const own = Number(spec?.terminationGracePeriodSeconds ?? 30);
  return options.gracePeriodSeconds ?? own;
}

function terminateNamespace(
  state: ClusterState,
  type: ServedResource,
  stored: StoredObject,
): StoredObject {
  const object = readObject(type, stored);
  const metadata = { ...objectAt(object, 'metadata'), deletionTimestamp: state.nowText() };
  const status = { phase: 'Terminating' };
  const terminating = { ...object, metadata, status };
  const marked = recordObject(state, type, { object: terminating, previous: stored });
  emptyNamespace(state, stored.name);
  return removeObject(state, type, marked);
}
