// Tables: what `kubectl get` prints. Columns of the types that people look at most, those that a
// CustomResourceDefinition asks for, and name and age for the rest.
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  listAt,
  objectAt,
  textAt,
} from './json-value.ts';
import { type ServedResource, storeNameOf } from './served-resource.ts';

/** One column of a table. */
export interface TableColumn {
  /** As the Table object declares it. */
  readonly definition: {
    readonly name: string;
    readonly type: string;
    readonly format: string;
    readonly description: string;
    readonly priority: number;
  };
  /** The cell of an object. */
  readonly cell: (object: JsonObject) => JsonValue;
}

/** The columns of a type, in order. */
export function tableColumns(type: ServedResource): readonly TableColumn[] {
  const name = column('Name', (object) => textAt(objectAt(object, 'metadata'), 'name'), 'name');
  const age = column('Age', (object) => valueAt(object, '.metadata.creationTimestamp'), 'date');
  if (type.isCustom) {
    const own = type.printerColumns.map(({ name: heading, jsonPath, type: cellType }) =>
      column(heading, (object) => valueAt(object, jsonPath), cellType),
    );
    return own.some(({ definition }) => definition.name === 'Age')
      ? [name, ...own]
      : [name, ...own, age];
  }
  return [name, ...(columnsByStore[storeNameOf(type)] ?? []), age];
}

/** The row of an object: its cells and its metadata; ages are counted up to `nowMs`. */
export function tableRow(type: ServedResource, object: JsonObject, nowMs: number): JsonObject {
  return {
    cells: tableColumns(type).map(({ definition, cell }) =>
      definition.type === 'date' ? ageText(cell(object), nowMs) : cell(object),
    ),
    object: {
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: objectAt(object, 'metadata'),
    },
  };
}

const columnsByStore: Readonly<Record<string, readonly TableColumn[]>> = {
  pods: [
    column('Ready', (pod) => {
      const statuses = listAt(objectAt(pod, 'status'), 'containerStatuses').filter(isJsonObject);
      const total = listAt(objectAt(pod, 'spec'), 'containers').length;
      return `${statuses.filter((status) => status.ready === true).length}/${total}`;
    }),
    column('Status', podStatus),
    column('Restarts', (pod) =>
      String(
        listAt(objectAt(pod, 'status'), 'containerStatuses')
          .filter(isJsonObject)
          .reduce((sum, status) => sum + Number(status.restartCount ?? 0), 0),
      ),
    ),
  ],
  'deployments.apps': [
    column(
      'Ready',
      (object) => `${count(object, '.status.readyReplicas')}/${count(object, '.spec.replicas')}`,
    ),
    column('Up-to-date', (object) => count(object, '.status.updatedReplicas'), 'integer'),
    column('Available', (object) => count(object, '.status.availableReplicas'), 'integer'),
  ],
  'replicasets.apps': [
    column('Desired', (object) => count(object, '.spec.replicas'), 'integer'),
    column('Current', (object) => count(object, '.status.replicas'), 'integer'),
    column('Ready', (object) => count(object, '.status.readyReplicas'), 'integer'),
  ],
  'statefulsets.apps': [
    column(
      'Ready',
      (object) => `${count(object, '.status.readyReplicas')}/${count(object, '.spec.replicas')}`,
    ),
  ],
  services: [
    column('Type', (object) => valueAt(object, '.spec.type')),
    column('Cluster-IP', (object) => valueAt(object, '.spec.clusterIP')),
    column('Port(s)', (object) =>
      listAt(objectAt(object, 'spec'), 'ports')
        .filter(isJsonObject)
        .map((port) => `${JSON.stringify(port.port)}/${textAt(port, 'protocol') || 'TCP'}`)
        .join(','),
    ),
  ],
  configmaps: [column('Data', dataCount, 'integer')],
  secrets: [
    column('Type', (object) => valueAt(object, '.type')),
    column('Data', dataCount, 'integer'),
  ],
  namespaces: [column('Status', (object) => valueAt(object, '.status.phase'))],
  nodes: [
    column('Status', () => 'Ready'),
    column('Version', (object) => valueAt(object, '.status.nodeInfo.kubeletVersion')),
  ],
  events: [
    column('Type', (object) => valueAt(object, '.type')),
    column('Reason', (object) => valueAt(object, '.reason')),
    column('Object', (object) => {
      const involved = objectAt(object, 'involvedObject');
      return `${textAt(involved, 'kind').toLowerCase()}/${textAt(involved, 'name')}`;
    }),
    column('Message', (object) => valueAt(object, '.message')),
  ],
  'jobs.batch': [
    column(
      'Completions',
      (object) => `${count(object, '.status.succeeded')}/${count(object, '.spec.completions')}`,
    ),
  ],
  'cronjobs.batch': [column('Schedule', (object) => valueAt(object, '.spec.schedule'))],
  'customresourcedefinitions.apiextensions.k8s.io': [],
};

function column(name: string, cell: TableColumn['cell'], type = 'string'): TableColumn {
  const isName = type === 'name';
  return {
    definition: {
      name,
      type: isName ? 'string' : type,
      format: isName ? 'name' : '',
      description: '',
      priority: 0,
    },
    cell,
  };
}

/** A time as the real server words it for people: '5m', '3d4h'. */
function ageText(time: JsonValue, nowMs: number): JsonValue {
  if (typeof time !== 'string') return time;
  const seconds = Math.max(0, Math.floor((nowMs - Date.parse(time)) / 1000));
  if (Number.isNaN(seconds)) return '<invalid>';
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return `${minutes}m${seconds % 60}s`;
  if (hours < 3) return `${minutes}m`;
  if (hours < 48) return `${hours}h`;
  return days < 8 ? `${days}d${hours % 24}h` : `${days}d`;
}

function podStatus(pod: JsonObject): JsonValue {
  const isTerminating = objectAt(pod, 'metadata')?.deletionTimestamp !== undefined;
  return isTerminating ? 'Terminating' : valueAt(pod, '.status.phase');
}

function dataCount(object: JsonObject): JsonValue {
  const count = (key: string): number => Object.keys(objectAt(object, key) ?? {}).length;
  return count('data') + count('binaryData');
}

function count(object: JsonObject, path: string): number {
  const value = valueAt(object, path);
  return typeof value === 'number' ? value : 0;
}

/** A value by simple JSON path; null where there is none. */
function valueAt(object: JsonObject, path: string): JsonValue {
  let value: JsonValue | undefined = object;
  for (const step of path.split('.').filter((part) => part !== '')) {
    value = isJsonObject(value) ? value[step] : undefined;
  }
  return value ?? null;
}
