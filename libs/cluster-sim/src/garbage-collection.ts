// What the controllers beside a real API server do when something is deleted: remove or release
// what it owned, and empty a namespace. Done at once, before the delete is answered.
import { type ClusterState } from './cluster-state.ts';
import { type JsonObject, listAt, objectAt } from './json-value.ts';
import { recordObject, removeObject } from './object-recorder.ts';
import { type ServedResource, storeNameOf } from './served-resource.ts';
import { readObject, type StoredObject } from './stored-object.ts';

/** Deletes (or with 'Orphan' releases) every object that `owner` owns, and what those own. */
export function collectDependents(
  state: ClusterState,
  owner: StoredObject,
  policy: 'Background' | 'Foreground' | 'Orphan',
): void {
  for (const type of oneTypePerStore(state)) {
    for (const object of state.store(type).objects()) {
      if (object.ownerUid !== owner.uid) continue;
      if (policy === 'Orphan') release(state, type, object);
      else {
        collectDependents(state, object, policy);
        removeObject(state, type, object);
      }
    }
  }
}

/** Deletes every object of a namespace, without regard to finalizers. */
export function emptyNamespace(state: ClusterState, namespace: string): void {
  for (const type of oneTypePerStore(state)) {
    if (!type.namespaced) continue;
    const objects = state.store(type).objects();
    const first = objects.lowerBound(`${namespace}/`);
    const last = objects.lowerBound(`${namespace}0`);
    for (const object of objects.range(first, last)) removeObject(state, type, object);
  }
}

function release(state: ClusterState, type: ServedResource, stored: StoredObject): void {
  const object = readObject(type, stored);
  const metadata = objectAt(object, 'metadata');
  const ownerReferences = listAt(metadata, 'ownerReferences').filter(
    (reference) => (reference as JsonObject).uid !== stored.ownerUid,
  );
  const released = { ...metadata, ownerReferences };
  recordObject(state, type, { object: { ...object, metadata: released }, previous: stored });
}

function oneTypePerStore(state: ClusterState): readonly ServedResource[] {
  const byStore = new Map(state.types.map((type) => [storeNameOf(type), type]));
  return [...byStore.values()];
}
