// Who set which fields of an object (`metadata.managedFields`): enough of server-side apply for
// clients that apply, apply again with fewer fields, and expect those to go.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/
import { isJsonObject, type JsonObject, type JsonValue, objectAt, sameJson } from './json-value.ts';

/** One writer of an object. */
export interface FieldManager {
  /** Its name, from `fieldManager` or the user agent. */
  readonly name: string;
  /** How it writes. */
  readonly operation: 'Apply' | 'Update';
  /** 'status' or 'scale' when it wrote only that. */
  readonly subresource: string;
}

/** Bookkeeping that nobody manages. */
const UNMANAGED_METADATA = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
]);

/** Puts the fields that differ from `before` under `manager`; other managers keep theirs. */
export function recordManager(
  object: JsonObject,
  before: JsonObject | undefined,
  writer: { manager: FieldManager; apiVersion: string; time: string; applied?: JsonObject },
): JsonObject {
  const { manager, apiVersion, time, applied } = writer;
  const fields = applied === undefined ? fieldsOf(object, before) : fieldsOf(applied, undefined);
  const others = entriesOf(object).filter((entry) => !isEntryOf(entry, manager));
  const own = entriesOf(object).find((entry) => isEntryOf(entry, manager));
  const merged = applied === undefined ? mergeFields(objectAt(own, 'fieldsV1'), fields) : fields;
  const entry: JsonObject = {
    manager: manager.name,
    operation: manager.operation,
    apiVersion,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: merged,
    ...(manager.subresource === '' ? {} : { subresource: manager.subresource }),
  };
  const metadata = { ...objectAt(object, 'metadata'), managedFields: [...others, entry] };
  return { ...object, metadata };
}

/** Takes out what `manager` applied before, no longer applies, and nobody else set. */
export function dropAbandonedFields(
  object: JsonObject,
  applied: JsonObject,
  manager: FieldManager,
): JsonObject {
  const entries = entriesOf(object);
  const own = objectAt(
    entries.find((entry) => isEntryOf(entry, manager)),
    'fieldsV1',
  );
  if (own === undefined) return object;
  const others = entries
    .filter((entry) => !isEntryOf(entry, manager))
    .map((entry) => objectAt(entry, 'fieldsV1') ?? {});
  return dropFields(object, own, [fieldsOf(applied, undefined), ...others]);
}

function dropFields(
  value: JsonObject,
  owned: JsonObject,
  kept: readonly (JsonObject | undefined)[],
): JsonObject {
  const result: JsonObject = { ...value };
  for (const [field, below] of Object.entries(owned)) {
    const key = field.slice(2);
    const keepers = kept.map((fields) => objectAt(fields, field));
    const member = result[key];
    if (keepers.every((keeper) => keeper === undefined)) result[key] = undefined;
    else if (isJsonObject(member) && isJsonObject(below)) {
      result[key] = dropFields(member, below, keepers);
    }
  }
  return result;
}

function fieldsOf(object: JsonObject, before: JsonObject | undefined): JsonObject {
  const fields: JsonObject = {};
  for (const [key, value] of Object.entries(object)) {
    if (key === 'kind' || key === 'apiVersion' || value === undefined) continue;
    const old = before?.[key];
    if (before !== undefined && sameJson(value, old)) continue;
    fields[`f:${key}`] =
      key === 'metadata' && isJsonObject(value)
        ? metadataFields(value, isJsonObject(old) ? old : undefined)
        : fieldsBelow(value, old);
  }
  return fields;
}

function metadataFields(metadata: JsonObject, before: JsonObject | undefined): JsonObject {
  const managed = Object.entries(metadata).filter(([key]) => !UNMANAGED_METADATA.has(key));
  return fieldsOf(Object.fromEntries(managed), before);
}

/** Lists are taken whole: the simulator does not follow list items to their managers. */
function fieldsBelow(value: JsonValue, before: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? fieldsOf(value, isJsonObject(before) ? before : undefined) : {};
}

function mergeFields(a: JsonObject | undefined, b: JsonObject): JsonObject {
  const merged: JsonObject = { ...a };
  for (const [key, value] of Object.entries(b)) {
    merged[key] = mergeFields(objectAt(merged, key), isJsonObject(value) ? value : {});
  }
  return merged;
}

function entriesOf(object: JsonObject): JsonObject[] {
  const entries = objectAt(object, 'metadata')?.managedFields;
  return Array.isArray(entries) ? entries.filter(isJsonObject) : [];
}

function isEntryOf(entry: JsonObject, manager: FieldManager): boolean {
  return (
    entry.manager === manager.name &&
    entry.operation === manager.operation &&
    (entry.subresource ?? '') === manager.subresource
  );
}
