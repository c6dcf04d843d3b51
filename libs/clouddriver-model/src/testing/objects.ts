/** Small Kubernetes objects with the fields that projection reads. */

/** What a test wants to say about an object; the rest is filled in. */
export interface ObjectParts {
  /** @defaultValue 'web' */
  readonly name?: string;
  /** @defaultValue 'prod'; `''` for a cluster-scoped object */
  readonly namespace?: string;
  /** @defaultValue '1' */
  readonly resourceVersion?: string;
  /** @defaultValue made from namespace and name */
  readonly uid?: string;
  /** @defaultValue none */
  readonly annotations?: Readonly<Record<string, string>>;
  /** @defaultValue none */
  readonly labels?: Readonly<Record<string, string>>;
  /** `Kind/name` of owners in API group apps. @defaultValue none */
  readonly owners?: readonly string[];
  /** @defaultValue `{}` */
  readonly spec?: object;
}

/** An object of any kind. */
export function anObject(apiVersion: string, kind: string, parts: ObjectParts = {}): object {
  const { name = 'web', namespace = 'prod', annotations, labels, owners } = parts;
  return {
    kind,
    apiVersion,
    metadata: {
      name,
      ...(namespace === '' ? {} : { namespace }),
      uid: parts.uid ?? `uid-of-${namespace}-${name}`,
      resourceVersion: parts.resourceVersion ?? '1',
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(owners === undefined ? {} : { ownerReferences: owners.map(ownerReference) }),
    },
    spec: parts.spec ?? {},
  };
}

/** A pod. */
export function aPod(parts: ObjectParts = {}): object {
  return anObject('v1', 'Pod', parts);
}

/** A replica set: a server group, which has an application and a cluster. */
export function aReplicaSet(parts: ObjectParts = {}): object {
  return anObject('apps/v1', 'ReplicaSet', parts);
}

/** The object as an API server would send it. */
export function bytesOf(object: object): Uint8Array {
  return Buffer.from(JSON.stringify(object));
}

function ownerReference(owner: string): object {
  const [kind = '', name = ''] = owner.split('/');
  return { apiVersion: 'apps/v1', kind, name, uid: `uid-of-${name}`, controller: true };
}
