// Puts one change into a cluster's state under the next resourceVersion; a change to a
// CustomResourceDefinition changes at once which types are served.
import { type ClusterState } from './cluster-state.ts';
import { resourcesOfDefinition } from './custom-resources.ts';
import { type JsonObject, objectAt, textAt } from './json-value.ts';
import { type ServedResource, storeNameOf } from './served-resource.ts';
import { atResourceVersion, readObject, storeObject, type StoredObject } from './stored-object.ts';

/** Records an object as created or modified under the next number. */
export function recordObject(
  state: ClusterState,
  type: ServedResource,
  write: { object: JsonObject; previous?: StoredObject; isDryRun?: boolean },
): StoredObject {
  const { object, previous } = write;
  const resourceVersion =
    write.isDryRun === true ? state.resourceVersion : state.nextResourceVersion();
  const metadata = { ...objectAt(object, 'metadata'), resourceVersion: String(resourceVersion) };
  const stored = storeObject(type, { ...object, metadata });
  if (write.isDryRun === true) return stored;
  state.record(
    type,
    previous === undefined
      ? { type: 'ADDED', object: stored }
      : { type: 'MODIFIED', object: stored, previous },
  );
  if (isDefinition(type)) serveDefinedTypes(state, { ...object, metadata }, previous);
  return stored;
}

/** Takes an object out for good and tells everyone. */
export function removeObject(
  state: ClusterState,
  type: ServedResource,
  stored: StoredObject,
): StoredObject {
  const last = atResourceVersion(type, stored, state.nextResourceVersion());
  state.record(type, { type: 'DELETED', object: last, previous: stored });
  if (isDefinition(type)) dropDefinedTypes(state, readObject(type, stored));
  return last;
}

function isDefinition(type: ServedResource): boolean {
  return storeNameOf(type) === 'customresourcedefinitions.apiextensions.k8s.io';
}

function serveDefinedTypes(
  state: ClusterState,
  definition: JsonObject,
  previous: StoredObject | undefined,
): void {
  const types = resourcesOfDefinition(definition);
  const isServed = (type: ServedResource): boolean =>
    types.some((other) => sameTypeVersion(type, other));
  if (previous !== undefined) {
    for (const type of typesOf(state, definition)) if (!isServed(type)) state.unserve(type);
  }
  for (const type of types) state.serve(type);
}

function dropDefinedTypes(state: ClusterState, definition: JsonObject): void {
  const types = typesOf(state, definition);
  const [first] = types;
  if (first === undefined) return;
  for (const object of state.store(first).objects()) removeObject(state, first, object);
  for (const type of types) state.unserve(type);
}

function typesOf(state: ClusterState, definition: JsonObject): readonly ServedResource[] {
  const spec = objectAt(definition, 'spec');
  const plural = textAt(objectAt(spec, 'names'), 'plural');
  const group = textAt(spec, 'group');
  return state.types.filter((type) => type.group === group && type.resource === plural);
}

function sameTypeVersion(a: ServedResource, b: ServedResource): boolean {
  return a.group === b.group && a.version === b.version && a.resource === b.resource;
}
