// JSON Merge Patch (RFC 7396) and the strategic merge patch of Kubernetes, which merges lists of
// named things by their names instead of replacing them.
// https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
import {
  cloneJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  sameJson,
} from './json-value.ts';

/** Applies a JSON merge patch: null removes, objects merge, all else replaces. */
export function applyMergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const result: JsonObject = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result[key] = undefined;
    else if (isJsonObject(value)) {
      const current = result[key];
      result[key] = applyMergePatch(isJsonObject(current) ? current : {}, value);
    } else result[key] = cloneJson(value);
  }
  return result;
}

/** Applies a strategic merge patch of a built-in type. */
export function applyStrategicPatch(target: JsonObject, patch: JsonObject): JsonObject {
  if (patch.$patch === 'replace') return withoutDirectives(patch);
  if (patch.$patch === 'delete') return {};
  const result: JsonObject = { ...target };
  retainKeys(result, patch.$retainKeys);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) applyDirective(result, key, value);
    else if (value === null) result[key] = undefined;
    else if (isJsonObject(value)) {
      const current = result[key];
      result[key] = applyStrategicPatch(isJsonObject(current) ? current : {}, value);
    } else if (Array.isArray(value)) {
      result[key] = mergeList(key, result[key], value as JsonValue[]);
    } else result[key] = value;
  }
  return result;
}

/** By which member the items of a list are known; lists not named here are replaced whole. */
const mergeKeys: Readonly<Record<string, readonly string[]>> = {
  conditions: ['type'],
  containers: ['name'],
  env: ['name'],
  ephemeralContainers: ['name'],
  hostAliases: ['ip'],
  imagePullSecrets: ['name'],
  initContainers: ['name'],
  ownerReferences: ['uid'],
  ports: ['containerPort', 'port'],
  secrets: ['name'],
  topologySpreadConstraints: ['topologyKey'],
  volumeDevices: ['devicePath'],
  volumeMounts: ['mountPath'],
  volumes: ['name'],
};
/** Lists of plain values whose items are added instead of replacing the list. */
const mergedPrimitives: readonly string[] = ['finalizers'];

function mergeList(key: string, current: JsonValue | undefined, patch: JsonValue[]): JsonValue {
  const items = Array.isArray(current) ? (current as JsonValue[]) : [];
  if (patch.some((item) => isJsonObject(item) && item.$patch === 'replace')) {
    return patch.filter((item) => !(isJsonObject(item) && item.$patch === 'replace'));
  }
  if (mergedPrimitives.includes(key)) {
    return [...items, ...patch.filter((item) => !items.some((other) => sameJson(other, item)))];
  }
  const candidates = mergeKeys[key] ?? [];
  const mergeKey = candidates.find((name) =>
    patch.every((item) => isJsonObject(item) && item[name] !== undefined),
  );
  if (mergeKey === undefined) return cloneJson(patch);
  return mergeItems(items, patch as JsonObject[], mergeKey);
}

function mergeItems(items: JsonValue[], patch: JsonObject[], mergeKey: string): JsonValue[] {
  const merged = [...items];
  for (const change of patch) {
    const index = merged.findIndex(
      (item) => isJsonObject(item) && sameJson(item[mergeKey], change[mergeKey]),
    );
    if (change.$patch === 'delete') {
      if (index >= 0) merged.splice(index, 1);
    } else if (index < 0) merged.push(withoutDirectives(change));
    else merged[index] = applyStrategicPatch(merged[index] as JsonObject, change);
  }
  return merged;
}

function applyDirective(result: JsonObject, directive: string, value: JsonValue | undefined): void {
  const list = directive.startsWith('$deleteFromPrimitiveList/') ? directive.slice(25) : '';
  const current = result[list];
  if (list === '' || !Array.isArray(current) || !Array.isArray(value)) return;
  result[list] = (current as JsonValue[]).filter(
    (item) => !(value as JsonValue[]).some((removed) => sameJson(removed, item)),
  );
}

function retainKeys(result: JsonObject, keys: JsonValue | undefined): void {
  if (!Array.isArray(keys)) return;
  for (const key of Object.keys(result)) if (!keys.includes(key)) result[key] = undefined;
}

function withoutDirectives(patch: JsonObject): JsonObject {
  const entries = Object.entries(patch).filter(([key]) => !key.startsWith('$'));
  return cloneJson(Object.fromEntries(entries));
}
