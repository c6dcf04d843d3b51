/**
 * The few fields of a Kubernetes object that projection reads; the bytes themselves go into the row
 * untouched. `parseObjectView` reads any object, `located-view.ts` the usual ones faster.
 */
import { ModelError } from './model-error.ts';
import { groupOfApiVersion, isNativeGroup } from './kinds.ts';
import { selectionOf, type Selection } from './selection.ts';
import { membersOf, valueIn } from './json-members.ts';
import { listOr, objectOr, stringOr, stringsOr, type JsonObject } from './json-value.ts';

/** What one object says about itself and about others. */
export interface KubernetesObjectView {
  /** As the API server wrote it. */
  readonly apiVersion: string;
  /** Kubernetes kind, as the API server wrote it. */
  readonly kind: string;
  /** `metadata.name`. */
  readonly name: string;
  /** `metadata.namespace`, `''` for cluster-scoped objects. */
  readonly namespace: string;
  /** `metadata.uid`, `''` when absent. */
  readonly uid: string;
  /** `metadata.resourceVersion`, `''` when absent. */
  readonly resourceVersion: string;
  /** `metadata.annotations`. */
  readonly annotations: Readonly<Record<string, string>>;
  /** `metadata.labels`. */
  readonly labels: Readonly<Record<string, string>>;
  /** `metadata.ownerReferences`, those that name a kind and an object. */
  readonly owners: readonly ObjectReference[];
  /** The services that an ingress names in any of its API versions; empty for other kinds. */
  readonly ingressServices: readonly string[];
  /** `spec.serviceName` of a StatefulSet, else `''`. */
  readonly serviceName: string;
  /** `involvedObject` of an Event that names it in full. */
  readonly involvedObject?: ObjectReference;
  /** Its part in "a service selects replica sets", if it has one. */
  readonly selection?: Selection;
}

/** What projection reads of it: no labels, and of the annotations at least `readAnnotations`. */
export type ProjectedView = Omit<KubernetesObjectView, 'labels'>;

/** A reference to an object in the same account and namespace. */
export interface ObjectReference {
  /** The referred object's apiVersion, `''` when not given. */
  readonly apiVersion: string;
  /** Its Kubernetes kind. */
  readonly kind: string;
  /** Its name. */
  readonly name: string;
}

/** What an object says that names others in fields of its kind. */
export type RelatingFields = Pick<
  KubernetesObjectView,
  'ingressServices' | 'serviceName' | 'involvedObject' | 'selection'
>;

/**
 * Reads one object.
 * @throws ModelError when the bytes are no JSON object or a field is missing without which there is
 * no key
 */
export function parseObjectView(bytes: Uint8Array): KubernetesObjectView {
  const object = parseObject(bytes);
  const metadata = objectOr(object.metadata);
  const kind = required(object.kind, 'kind');
  const apiVersion = required(object.apiVersion, 'apiVersion');
  return {
    apiVersion,
    kind,
    name: required(metadata.name, 'metadata.name'),
    namespace: stringOr(metadata.namespace),
    uid: stringOr(metadata.uid),
    resourceVersion: stringOr(metadata.resourceVersion),
    annotations: stringsOr(metadata.annotations),
    labels: stringsOr(metadata.labels),
    owners: ownersOf(metadata.ownerReferences),
    ...relatingFieldsOf(object),
  };
}

/** What every object is asked for. */
const commonMembers = ['apiVersion', 'kind', 'metadata'] as const;

const relatingMembers: ReadonlyMap<string, 'spec' | 'involvedObject'> = new Map([
  ['Service', 'spec'],
  ['ReplicaSet', 'spec'],
  ['StatefulSet', 'spec'],
  ['Ingress', 'spec'],
  ['Event', 'involvedObject'],
]);

/** The member in which objects of a kind name others; `undefined` for all other kinds. */
export function relatingMemberOf(kind: string): 'spec' | 'involvedObject' | undefined {
  return relatingMembers.get(kind);
}

/** The members that are looked at; all of the object has been checked. */
function parseObject(bytes: Uint8Array): JsonObject {
  const members = membersOf(bytes);
  if (members === undefined) throw new ModelError('invalidJson', {});
  const object: Record<string, unknown> = {};
  const read = (name: string): void => {
    const stretch = members.get(name);
    if (stretch !== undefined) object[name] = valueIn(bytes, stretch);
  };
  for (const name of commonMembers) read(name);
  const relating = relatingMemberOf(stringOr(object.kind));
  if (relating !== undefined) read(relating);
  return object;
}

/** Reads apiVersion, kind, namespace, and the member in which the kind names others. */
export function relatingFieldsOf(object: JsonObject): RelatingFields {
  const relatingKind = relatingKindOf(stringOr(object.apiVersion), stringOr(object.kind));
  const involvedObject =
    relatingKind === 'Event' ? completeReference(object.involvedObject) : undefined;
  const selection = selectionOf(object);
  return {
    ingressServices: relatingKind === 'Ingress' ? ingressServicesOf(objectOr(object.spec)) : [],
    serviceName: relatingKind === 'StatefulSet' ? stringOr(objectOr(object.spec).serviceName) : '',
    ...(involvedObject === undefined ? {} : { involvedObject }),
    ...(selection === undefined ? {} : { selection }),
  };
}

/**
 * The kind, when its objects name others in fields of their own. A custom kind of the same name
 * (`StatefulSet.apps.kruise.io`) relates to nothing, whatever its fields are called.
 */
function relatingKindOf(apiVersion: string, kind: string): string | undefined {
  const mayRelate = kind === 'Ingress' || kind === 'StatefulSet' || kind === 'Event';
  return mayRelate && isNativeGroup(groupOfApiVersion(apiVersion)) ? kind : undefined;
}

function required(value: unknown, field: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new ModelError('missingField', { field });
}

/** The owners in `metadata.ownerReferences`. */
export function ownersOf(ownerReferences: unknown): readonly ObjectReference[] {
  return listOr(ownerReferences)
    .map(referenceOf)
    .filter((owner) => owner.kind !== '' && owner.name !== '');
}

function completeReference(value: unknown): ObjectReference | undefined {
  const reference = referenceOf(value);
  const isComplete = reference.apiVersion !== '' && reference.kind !== '' && reference.name !== '';
  return isComplete ? reference : undefined;
}

function referenceOf(value: unknown): ObjectReference {
  const source = objectOr(value);
  return {
    apiVersion: stringOr(source.apiVersion),
    kind: stringOr(source.kind),
    name: stringOr(source.name),
  };
}

/** `defaultBackend` and `backend.service.name` are `networking.k8s.io/v1`, the others older. */
function ingressServicesOf(spec: JsonObject): readonly string[] {
  const paths = listOr(spec.rules).flatMap((rule) => listOr(objectOr(objectOr(rule).http).paths));
  const backends = [
    spec.defaultBackend,
    spec.backend,
    ...paths.map((path) => objectOr(path).backend),
  ];
  const names = backends
    .map(objectOr)
    .flatMap((backend) => [
      stringOr(objectOr(backend.service).name),
      stringOr(backend.serviceName),
    ]);
  return [...new Set(names)].filter((name) => name !== '');
}
