// What an API server does to an object between receiving and storing it: checks of name,
// namespace and version, the metadata it owns, and the few defaults that clients see at once.
// Pure. There are no schemas: fields of the specification pass as they came.
import { nextUid, type Random } from './clock.ts';
import { establishedStatus } from './custom-resources.ts';
import { isJsonObject, type JsonObject, objectAt, sameJson, textAt } from './json-value.ts';
import { apiVersionOf, type ServedResource, storeNameOf } from './served-resource.ts';
import { StatusError } from './status-error.ts';

/** What a write is checked against. */
export interface WriteContext {
  /** The namespace in the path; '' for cluster-scoped types. */
  readonly namespace: string;
  /** The time for timestamps, RFC 3339. */
  readonly now: string;
  /** Uids and generated names. */
  readonly random: Random;
}

/** Letters of generated names: no vowels and no look-alikes, as Kubernetes does. */
const NAME_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const PATH_SEGMENT = /^(?!\.\.?$)[^/%]+$/;

/** Metadata that no client can change. */
const OWNED_METADATA = [
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'generateName',
];

/**
 * Makes a received object ready for its first storing, all but its resourceVersion.
 *
 * @throws StatusError BadRequest or Invalid when the real server would refuse it
 */
export function prepareCreate(
  type: ServedResource,
  received: JsonObject,
  context: WriteContext,
): JsonObject {
  requireType(type, received);
  const given = objectAt(received, 'metadata') ?? {};
  if (textAt(given, 'resourceVersion') !== '') {
    throw new StatusError(
      'BadRequest',
      'resourceVersion should not be set on objects to be created',
    );
  }
  const metadata: JsonObject = {
    ...given,
    name: nameOf(type, given, context.random),
    namespace: namespaceOf(type, given, context),
    uid: nextUid(context.random),
    generation: hasGeneration(type, received) ? 1 : undefined,
    creationTimestamp: context.now,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
  };
  return withDefaults(type, { ...received, metadata }, context.now);
}

/**
 * Makes a received object ready to replace `current`, all but its resourceVersion.
 *
 * @throws StatusError Conflict when it was made from another version than the current one
 */
export function prepareUpdate(
  type: ServedResource,
  received: JsonObject,
  current: JsonObject,
  subresource: string,
): JsonObject {
  requireType(type, received);
  const given = objectAt(received, 'metadata') ?? {};
  const old = objectAt(current, 'metadata') ?? {};
  requireSameVersion(type, given, old);
  const metadata: JsonObject = { ...given, name: old.name, namespace: old.namespace };
  for (const key of OWNED_METADATA) metadata[key] = old[key];
  const hasStatus = type.subresources.includes('status');
  const merged: JsonObject =
    subresource === 'status'
      ? { ...current, metadata: { ...metadata, finalizers: old.finalizers } }
      : { ...received, metadata };
  if (hasStatus) merged.status = subresource === 'status' ? received.status : current.status;
  const updated = foldStringData(type, merged);
  if (metadata.generation !== undefined && !sameSpecification(updated, current)) {
    metadata.generation = Number(metadata.generation) + 1;
  }
  return updated;
}

/** True when two versions of an object say the same, bookkeeping apart. */
export function isSameContent(a: JsonObject, b: JsonObject): boolean {
  const bare = ({ kind: _kind, apiVersion: _apiVersion, ...rest }: JsonObject): JsonObject => ({
    ...rest,
    metadata: {
      ...objectAt(rest, 'metadata'),
      managedFields: undefined,
      resourceVersion: undefined,
    },
  });
  return sameJson(bare(a), bare(b));
}

/** The status that a created object starts with; what the client sent as status is dropped. */
function initialStatus(
  type: ServedResource,
  object: JsonObject,
  now: string,
): JsonObject | undefined {
  switch (storeNameOf(type)) {
    case 'pods':
      return { phase: 'Pending', qosClass: 'BestEffort' };
    case 'namespaces':
      return { phase: 'Active' };
    case 'persistentvolumeclaims':
      return { phase: 'Pending' };
    case 'services':
      return { loadBalancer: {} };
    case 'customresourcedefinitions.apiextensions.k8s.io':
      return establishedStatus(object, now);
    default:
      return type.isCustom ? undefined : {};
  }
}

function withDefaults(type: ServedResource, object: JsonObject, now: string): JsonObject {
  const result = foldStringData(type, object);
  if (type.subresources.includes('status')) result.status = initialStatus(type, object, now);
  const metadata = result.metadata as JsonObject;
  switch (storeNameOf(type)) {
    case 'namespaces':
      metadata.labels = {
        ...objectAt(metadata, 'labels'),
        'kubernetes.io/metadata.name': metadata.name,
      };
      result.spec = { finalizers: ['kubernetes'], ...objectAt(result, 'spec') };
      return result;
    case 'secrets':
      result.type ??= 'Opaque';
      return result;
    default:
      return result;
  }
}

/** `stringData` of a Secret is only for writing: it ends up, encoded, in `data`. */
function foldStringData(type: ServedResource, object: JsonObject): JsonObject {
  const { stringData, ...rest } = object;
  if (storeNameOf(type) !== 'secrets' || !isJsonObject(stringData)) return { ...object };
  const data: JsonObject = { ...objectAt(object, 'data') };
  for (const [key, value] of Object.entries(stringData)) {
    if (typeof value === 'string') data[key] = Buffer.from(value).toString('base64');
  }
  return { ...rest, data };
}

function requireType(type: ServedResource, received: JsonObject): void {
  const { kind, apiVersion } = received;
  const isKind = kind === undefined || kind === '' || kind === type.kind;
  const isVersion =
    apiVersion === undefined || apiVersion === '' || apiVersion === apiVersionOf(type);
  if (isKind && isVersion) return;
  throw new StatusError(
    'BadRequest',
    `the object provided is unrecognized (must be of type ${type.kind}): ` +
      `${JSON.stringify(kind)} in ${JSON.stringify(apiVersion)}`,
  );
}

function nameOf(type: ServedResource, metadata: JsonObject, random: Random): string {
  const generateName = textAt(metadata, 'generateName');
  let name = textAt(metadata, 'name');
  if (name === '' && generateName !== '') {
    name = generateName;
    for (let count = 0; count < 5; count++) {
      name += NAME_LETTERS[Math.floor(random.next() * NAME_LETTERS.length)] ?? '';
    }
  }
  if (name === '') {
    throw invalid(type, '', 'metadata.name', 'Required value: name or generateName is required');
  }
  const form = type.group === 'rbac.authorization.k8s.io' ? PATH_SEGMENT : DNS_SUBDOMAIN;
  if (!form.test(name) || name.length > 253) {
    const why = `Invalid value: ${JSON.stringify(name)}: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'`;
    throw invalid(type, name, 'metadata.name', why);
  }
  return name;
}

function namespaceOf(
  type: ServedResource,
  metadata: JsonObject,
  context: WriteContext,
): string | undefined {
  if (!type.namespaced) return undefined;
  const given = textAt(metadata, 'namespace');
  if (given !== '' && given !== context.namespace) {
    throw new StatusError(
      'BadRequest',
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  return context.namespace;
}

function requireSameVersion(type: ServedResource, given: JsonObject, old: JsonObject): void {
  const version = textAt(given, 'resourceVersion');
  const name = textAt(old, 'name');
  const details = { name, group: type.group, kind: type.resource };
  if (version !== '' && version !== old.resourceVersion) {
    throw new StatusError(
      'Conflict',
      `Operation cannot be fulfilled on ${storeNameOf(type)} "${name}": the object has been ` +
        'modified; please apply your changes to the latest version and try again',
      { details },
    );
  }
  if (version === '' && type.isCustom) {
    const why = 'Invalid value: 0x0: must be specified for an update';
    throw invalid(type, name, 'metadata.resourceVersion', why);
  }
  const uid = textAt(given, 'uid');
  if (uid !== '' && uid !== old.uid) {
    throw new StatusError(
      'Conflict',
      `Operation cannot be fulfilled on ${storeNameOf(type)} "${name}": Precondition failed: ` +
        `UID in precondition: ${uid}, UID in object meta: ${textAt(old, 'uid')}`,
      { details },
    );
  }
}

/** Types whose specification is counted in `metadata.generation`. */
function hasGeneration(type: ServedResource, object: JsonObject): boolean {
  if (type.isCustom) return true;
  return type.subresources.includes('status') && object.spec !== undefined && type.group !== '';
}

function sameSpecification(a: JsonObject, b: JsonObject): boolean {
  const bare = ({ metadata: _m, status: _s, kind: _k, apiVersion: _v, ...rest }: JsonObject) =>
    rest;
  return sameJson(bare(a), bare(b));
}

function invalid(type: ServedResource, name: string, field: string, why: string): StatusError {
  const qualified = type.group === '' ? type.kind : `${type.kind}.${type.group}`;
  const reason = why.startsWith('Required') ? 'FieldValueRequired' : 'FieldValueInvalid';
  return new StatusError('Invalid', `${qualified} "${name}" is invalid: ${field}: ${why}`, {
    details: {
      name,
      group: type.group,
      kind: type.kind,
      causes: [{ reason, message: why, field }],
    },
  });
}
