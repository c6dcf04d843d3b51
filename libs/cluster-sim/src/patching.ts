// PATCH in its four forms: which content type means what, and what comes out.
import { type ClusterState } from './cluster-state.ts';
import { applyJsonPatch } from './json-patch.ts';
import { isJsonObject, type JsonObject, type JsonValue, objectAt } from './json-value.ts';
import { dropAbandonedFields } from './managed-fields.ts';
import { applyMergePatch, applyStrategicPatch } from './merge-patch.ts';
import { createObject, notFound, updateObject, type WriteOptions } from './object-writer.ts';
import { type ServedResource } from './served-resource.ts';
import { StatusError } from './status-error.ts';
import { objectKey, readObject, type StoredObject } from './stored-object.ts';

/** The forms of a patch, by content type. */
export const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** One PATCH request. */
export interface PatchRequest extends WriteOptions {
  /** Content type without parameters. */
  readonly contentType: string;
  /** The patch. */
  readonly patch: JsonValue;
  /** '' for cluster-scoped types. */
  readonly namespace: string;
  /** Object name. */
  readonly name: string;
  /** 'status', or '' for the object itself. */
  readonly subresource?: string;
}

/** What PATCH did. */
export interface PatchResult {
  /** The object now. */
  readonly stored: StoredObject;
  /** True when apply made it. */
  readonly isCreated: boolean;
}

/** Patches an object; server-side apply creates it when it is not there. */
export function patchObject(
  state: ClusterState,
  type: ServedResource,
  request: PatchRequest,
): PatchResult {
  requireSupported(type, request.contentType);
  const stored = state.store(type).get(objectKey(request.namespace, request.name));
  const isApply = request.contentType === patchTypes.apply;
  if (stored === undefined) {
    if (!isApply) throw notFound(type, request.name);
    return { stored: createApplied(state, type, request), isCreated: true };
  }
  const current = readObject(type, stored);
  const patched = applyOneForm(type, current, request);
  const options = isApply ? { ...request, applied: asObject(request.patch) } : request;
  return { stored: updateObject(state, type, patched, options), isCreated: false };
}

function createApplied(
  state: ClusterState,
  type: ServedResource,
  request: PatchRequest,
): StoredObject {
  const applied = asObject(request.patch);
  const metadata = { ...objectAt(applied, 'metadata'), name: request.name };
  return createObject(state, type, { ...applied, metadata }, { ...request, applied });
}

function applyOneForm(
  type: ServedResource,
  current: JsonObject,
  request: PatchRequest,
): JsonObject {
  switch (request.contentType) {
    case patchTypes.json:
      return applyJsonPatch(current, request.patch);
    case patchTypes.merge:
      return applyMergePatch(current, asObject(request.patch));
    case patchTypes.strategic:
      return applyStrategicPatch(current, asObject(request.patch));
    default:
      return applyConfiguration(type, current, request);
  }
}

function applyConfiguration(
  type: ServedResource,
  current: JsonObject,
  request: PatchRequest,
): JsonObject {
  const applied = asObject(request.patch);
  const { manager } = request;
  const kept = manager === undefined ? current : dropAbandonedFields(current, applied, manager);
  return type.isCustom ? applyMergePatch(kept, applied) : applyStrategicPatch(kept, applied);
}

function requireSupported(type: ServedResource, contentType: string): void {
  const all = Object.values(patchTypes);
  const accepted = type.isCustom ? all.filter((form) => form !== patchTypes.strategic) : all;
  if (accepted.some((form) => form === contentType)) return;
  throw new StatusError(
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: ' +
      accepted.join(', '),
  );
}

function asObject(patch: JsonValue): JsonObject {
  if (isJsonObject(patch)) return patch;
  throw new StatusError('BadRequest', 'the patch is not an object');
}
