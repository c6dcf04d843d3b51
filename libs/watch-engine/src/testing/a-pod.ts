/** Builders of scanned objects and feed keys, for tests of machines and consumers. */
import type { ScannedObject } from '@fairlead/secret-scrubber';
import type { FeedKey } from '../resource-type.ts';
import { PODS } from './memory-cluster.ts';

/** A scanned pod; every field may be said. */
export function aPod(fields: Partial<ScannedObject> = {}): ScannedObject {
  const { name = 'web', namespace = 'default', uid = 'uid-1', resourceVersion = '1' } = fields;
  const metadata = { name, namespace, uid, resourceVersion };
  return {
    bytes: new TextEncoder().encode(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata })),
    apiVersion: 'v1',
    kind: 'Pod',
    namespace,
    name,
    uid,
    resourceVersion,
    annotations: new Map(),
    scrubbedValues: 0,
    ...fields,
  };
}

/** A feed of pods in all namespaces. */
export function aFeedKey(fields: Partial<FeedKey> = {}): FeedKey {
  return { ...PODS, namespace: '', ...fields };
}
