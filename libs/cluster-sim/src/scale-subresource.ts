// The `scale` subresource: the number of replicas of a workload, seen as an object of its own.
import { applyJsonPatch } from './json-patch.ts';
import { isJsonObject, type JsonObject, type JsonValue, objectAt } from './json-value.ts';
import { applyMergePatch } from './merge-patch.ts';
import { patchTypes } from './patching.ts';
import { StatusError } from './status-error.ts';

/** The Scale object of a workload. */
export function scaleOf(object: JsonObject): JsonObject {
  const metadata = objectAt(object, 'metadata') ?? {};
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: objectAt(object, 'spec')?.replicas ?? 0 },
    status: { replicas: objectAt(object, 'status')?.replicas ?? 0 },
  };
}

/** The workload after a change of its Scale: `body` is a patch, or with contentType '' a Scale. */
export function fromScale(
  object: JsonObject,
  change: { contentType: string; body: JsonValue },
): JsonObject {
  const { contentType, body } = change;
  const scale = scaleOf(object);
  let changed: JsonObject;
  if (contentType === patchTypes.json) changed = applyJsonPatch(scale, body);
  else if (!isJsonObject(body)) throw new StatusError('BadRequest', 'the Scale is not an object');
  else changed = contentType === '' ? body : applyMergePatch(scale, body);
  const replicas = objectAt(changed, 'spec')?.replicas ?? 0;
  const spec = { ...objectAt(object, 'spec'), replicas };
  const { resourceVersion } = objectAt(changed, 'metadata') ?? {};
  const metadata = { ...objectAt(object, 'metadata'), resourceVersion };
  return { ...object, metadata, spec };
}
