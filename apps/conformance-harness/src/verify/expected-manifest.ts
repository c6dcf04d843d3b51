// What the bridge must have stored of an object, worked out from the cluster's own answer: all of
// it, but for `managedFields`, and for Secrets the values and kubectl's copy of them.
import { isObject, type JsonObject, type JsonValue, objectAt } from './exact-json.ts';

/** kubectl's copy of what was applied; in a Secret it holds the values again. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The manifest that must be stored for a cluster's object; list items get their kind from `type`. */
export function expectedManifest(
  object: JsonObject,
  type: { readonly apiVersion: string; readonly kind: string },
): JsonObject {
  const { managedFields: _managed, ...metadata } = objectAt(object, 'metadata');
  const complete = { kind: type.kind, apiVersion: type.apiVersion, ...object, metadata };
  return isSecret(type) ? withoutValues(complete) : complete;
}

/**
 * The same, as far as it can be compared with what is stored: an agent that asks for no more than the
 * metadata of Secrets (its default) has nothing else of them, one that scrubs them has the rest too.
 */
export function comparableManifest(
  object: JsonObject,
  type: { readonly apiVersion: string; readonly kind: string },
  stored: JsonValue,
): JsonObject {
  const expected = expectedManifest(object, type);
  if (!isSecret(type) || !isObject(stored)) return expected;
  return Object.fromEntries(
    Object.entries(expected).filter(([name]) => ALWAYS_STORED.has(name) || name in stored),
  );
}

/** Members that every stored Secret has. */
const ALWAYS_STORED: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** True for the core type Secret. */
export function isSecret(type: { readonly apiVersion: string; readonly kind: string }): boolean {
  return type.apiVersion === 'v1' && type.kind === 'Secret';
}

function withoutValues(secret: JsonObject): JsonObject {
  const { data: _data, stringData: _stringData, ...rest } = secret;
  const metadata = objectAt(secret, 'metadata');
  const { annotations } = metadata;
  if (!isObject(annotations)) return rest;
  const { [LAST_APPLIED]: _copy, ...kept } = annotations;
  return { ...rest, metadata: { ...metadata, annotations: kept } };
}
