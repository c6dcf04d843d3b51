/**
 * Which objects a client wants: label and field selectors over an object's bytes. Fields are those
 * that kube-apiserver knows for the kind, and others are refused as it refuses them.
 */
import { membersOf, valueIn } from '@fairlead/clouddriver-model';
import { parseLabelSelector, type LabelMatcher } from '@fairlead/sql-cache';
import { CachedReadError } from './cached-read-error.ts';

/** Whether an object is wanted. */
export type ObjectMatcher = (object: Uint8Array) => boolean;

/** What to select by. */
export interface ObjectSelector {
  /** `undefined`: every object is wanted. */
  readonly matches: ObjectMatcher | undefined;
  /** The one name that an object may have. */
  readonly name: string | undefined;
  /** The one namespace that an object may have. */
  readonly namespace: string | undefined;
}

/** What is selected, and of which resource. */
export interface SelectorTexts {
  readonly labelSelector: string;
  readonly fieldSelector: string;
  /** `pods`, `deployments.apps`. */
  readonly resource: string;
}

/**
 * Selectable fields beside name and namespace (the `*ToSelectableFields` of each kind's strategy). The
 * type of a Secret is none here: agents may leave out all of a Secret but its metadata.
 */
const fieldsOfResource: Readonly<Record<string, readonly string[]>> = {
  pods: [
    ...['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName'],
    ...['spec.hostNetwork', 'status.phase', 'status.podIP', 'status.nominatedNodeName'],
  ],
  nodes: ['spec.unschedulable'],
  namespaces: ['status.phase'],
  services: ['spec.clusterIP', 'spec.type'],
  replicationcontrollers: ['status.replicas'],
  'replicasets.apps': ['status.replicas'],
  'jobs.batch': ['status.successful'],
  'certificatesigningrequests.certificates.k8s.io': ['spec.signerName'],
  events: [
    ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
      (field) => `involvedObject.${field}`,
    ),
    ...['reason', 'reportingComponent', 'source', 'type'],
  ],
};

/** What a field is when the object leaves it out; `''` for all others. */
const zeroOf: Readonly<Record<string, string>> = {
  'spec.unschedulable': 'false',
  'spec.hostNetwork': 'false',
  'status.replicas': '0',
  'status.successful': '0',
};

interface FieldRequirement {
  readonly field: string;
  readonly isEqual: boolean;
  readonly value: string;
}

/** Reads selectors. Throws {@link CachedReadError} 400. */
export function readSelector(texts: SelectorTexts): ObjectSelector {
  const labels = parseLabelSelector(texts.labelSelector);
  if (labels === undefined) {
    throw new CachedReadError(400, `unable to parse labelSelector ${quoted(texts.labelSelector)}`);
  }
  const fields = requirementsOf(texts);
  const [name] = exactly(fields, 'metadata.name');
  const [namespace] = exactly(fields, 'metadata.namespace');
  const isByLabels = texts.labelSelector.trim() !== '';
  const matches =
    isByLabels || fields.length > 0
      ? matcherOf(isByLabels ? labels : undefined, fields)
      : undefined;
  return { matches, name, namespace };
}

function requirementsOf({ fieldSelector, resource }: SelectorTexts): readonly FieldRequirement[] {
  const known = ['metadata.name', 'metadata.namespace', ...(fieldsOfResource[resource] ?? [])];
  return partsOf(fieldSelector).map((text) => {
    const [, field = '', operator, value = ''] = /^([^=!]*)(!=|==|=)(.*)$/s.exec(text) ?? [];
    if (operator === undefined) {
      throw new CachedReadError(400, `invalid fieldSelector ${quoted(fieldSelector)}`);
    }
    if (!known.includes(field)) {
      const list = known.map((each) => quoted(each)).join(', ');
      const what = `${quoted(field)} is not a field that the cache selects ${resource} by: only ${list}`;
      throw new CachedReadError(400, what);
    }
    return { field, isEqual: operator !== '!=', value: unescaped(value) };
  });
}

/** Commas separate requirements; a backslash takes the meaning of what follows it. */
function partsOf(selector: string): readonly string[] {
  const parts = selector.match(/(?:\\.|[^,\\])+/gs) ?? [];
  return parts.filter((part) => part !== '');
}

function unescaped(value: string): string {
  return value.replace(/\\(.)/gs, '$1');
}

function exactly(fields: readonly FieldRequirement[], field: string): readonly string[] {
  return fields.flatMap((each) => (each.field === field && each.isEqual ? [each.value] : []));
}

function matcherOf(
  labels: LabelMatcher | undefined,
  fields: readonly FieldRequirement[],
): ObjectMatcher {
  return (object) => {
    const members = membersOf(object);
    if (members === undefined) return false;
    const read = (name: string): unknown => {
      const stretch = members.get(name);
      return stretch === undefined ? undefined : valueIn(object, stretch);
    };
    const metadata = read('metadata');
    if (labels !== undefined && !labels(labelsIn(metadata))) return false;
    return fields.every(({ field, isEqual, value }) => {
      const [first = '', ...rest] = field.split('.');
      const found = first === 'metadata' ? metadata : read(first);
      return (textAt(found, { field, rest }) === value) === isEqual;
    });
  };
}

function labelsIn(metadata: unknown): Readonly<Record<string, string>> {
  const labels = memberOf(metadata, 'labels');
  return typeof labels === 'object' && labels !== null ? (labels as Record<string, string>) : {};
}

function textAt(
  value: unknown,
  { field, rest }: { readonly field: string; readonly rest: readonly string[] },
): string {
  const found = rest.reduce<unknown>(memberOf, value);
  // An Event's source is an object; its component is what is selected by.
  const plain = field === 'source' ? memberOf(found, 'component') : found;
  if (plain === undefined || plain === null) return zeroOf[field] ?? '';
  if (typeof plain === 'string') return plain;
  return typeof plain === 'object' ? '' : JSON.stringify(plain);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
