// Which objects a list, a watch or a collection delete is about: label and field selectors made
// into one question about a stored object.
import { isJsonObject, type JsonObject, type JsonValue } from './json-value.ts';
import {
  type FieldRequirement,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
} from './selectors.ts';
import { type ServedResource, storeNameOf } from './served-resource.ts';
import { StatusError } from './status-error.ts';
import { readObject, type StoredObject } from './stored-object.ts';

/** True for the objects asked for. */
export type ObjectFilter = (object: StoredObject) => boolean;

/** Fields besides name and namespace that the real server can select by, type by type. */
const selectableFields: Readonly<Record<string, readonly string[]>> = {
  events: [
    'involvedObject.apiVersion',
    'involvedObject.fieldPath',
    'involvedObject.kind',
    'involvedObject.name',
    'involvedObject.namespace',
    'involvedObject.resourceVersion',
    'involvedObject.uid',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  'jobs.batch': ['status.successful'],
  namespaces: ['status.phase'],
  nodes: ['spec.unschedulable'],
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  'replicasets.apps': ['status.replicas'],
  secrets: ['type'],
};

/**
 * The filter of two selectors as they stand in a query; undefined when they select everything.
 *
 * @throws StatusError BadRequest for a selector that the real server refuses
 */
export function createObjectFilter(
  type: ServedResource,
  selectors: { labelSelector: string; fieldSelector: string },
): ObjectFilter | undefined {
  const labels = parseLabelSelector(selectors.labelSelector);
  const fields = parseFieldSelector(selectors.fieldSelector);
  for (const { path } of fields) requireSelectable(type, path);
  if (labels.length === 0 && fields.length === 0) return undefined;
  return (object) =>
    matchesFields(type, fields, object) &&
    (labels.length === 0 || matchesLabels(labels, object.labels));
}

function requireSelectable(type: ServedResource, path: string): void {
  if (path === 'metadata.name' || path === 'metadata.namespace') return;
  const known = selectableFields[storeNameOf(type)];
  if (known?.includes(path) === true) return;
  throw new StatusError(
    'BadRequest',
    known === undefined
      ? `"${path}" is not a known field selector: only "metadata.name", "metadata.namespace"`
      : `field label not supported: ${path}`,
  );
}

function matchesFields(
  type: ServedResource,
  fields: readonly FieldRequirement[],
  object: StoredObject,
): boolean {
  let parsed: JsonObject | undefined;
  return fields.every(({ path, value, isNegated }) => {
    if (path === 'metadata.name') return (object.name === value) !== isNegated;
    if (path === 'metadata.namespace') return (object.namespace === value) !== isNegated;
    parsed ??= readObject(type, object);
    return (fieldText(parsed, path) === value) !== isNegated;
  });
}

function fieldText(object: JsonObject, path: string): string {
  // `source` of an event selects by its component.
  const steps = path === 'source' ? ['source', 'component'] : path.split('.');
  let value: JsonValue | undefined = object;
  for (const step of steps) value = isJsonObject(value) ? value[step] : undefined;
  if (value === undefined || value === null) return path === 'spec.unschedulable' ? 'false' : '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
