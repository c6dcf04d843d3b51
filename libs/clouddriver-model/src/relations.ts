/**
 * Who is related to whom. An object's own relations stand in its body; the opposite direction of
 * each stands as a row in the relation table of the other type, because the other object's body is
 * not ours to rewrite each time somebody points to it.
 *
 * The relation service -> replica sets needs to know the labels of other objects; it is no part of
 * `relationsOf`, which sees one object only, but of `selection-index.ts`.
 */
import type { KubernetesObjectView, ObjectReference } from './object-view.ts';
import type { ReverseRelation } from './projection.ts';
import { applicationKey, clusterKey, infrastructureKey } from './keys.ts';
import { contentUuid } from './content-uuid.ts';
import type { Moniker } from './moniker.ts';
import { spinnakerKind, spinnakerRole } from './kinds.ts';

/** Related ids by type. */
export type Relations = Readonly<Record<string, readonly string[]>>;

/** What relations are derived from. */
export interface RelationsSource {
  /** The object. */
  readonly view: KubernetesObjectView;
  /** Its Spinnaker kind. */
  readonly kind: string;
  /** Its moniker. */
  readonly moniker: Moniker;
  /** Its account. */
  readonly account: string;
  /** Whether kinds outside of the screens are related to their application too. */
  readonly allApplications: boolean;
}

/** Types whose (possibly empty) list stands in every body, so that no reader keeps an older one. */
const stickyTypes = ['pod', 'service'] as const;

const clusterRoles: ReadonlySet<string> = new Set(['serverGroups', 'serverGroupManagers']);
const applicationRoles: ReadonlySet<string> = new Set([
  ...clusterRoles,
  'loadBalancers',
  'securityGroups',
]);

/** The relations that an object states, types and ids sorted, so that equal relations print alike. */
export function relationsOf(source: RelationsSource): Relations {
  const groups = new Map<string, string[]>(stickyTypes.map((type) => [type, []]));
  addLogical(groups, source);
  for (const reference of infrastructureReferences(source.view)) {
    addReference(groups, source, reference);
  }
  const types = [...groups.keys()].sort();
  return Object.fromEntries(types.map((type) => [type, sortedOnce(groups.get(type) ?? [])]));
}

/** The relations of nothing but the sticky types: what a logical row begins with. */
export function emptyRelations(): Record<string, readonly string[]> {
  return Object.fromEntries(stickyTypes.map((type) => [type, []]));
}

/** The rows in the relation tables of other types that exist because of one row's relations. */
export function reverseRelationsOf(row: {
  readonly type: string;
  readonly id: string;
  readonly agent: string;
  readonly relations: Relations;
}): ReverseRelation[] {
  const reverse: ReverseRelation[] = [];
  for (const type of Object.keys(row.relations)) {
    const relAgent = `${type}:${row.agent}`;
    for (const id of row.relations[type] ?? []) {
      const uuid = contentUuid(`${row.type}\n${row.id}\n${type}\n${id}\n${relAgent}`);
      reverse.push({ type, uuid, id, relId: row.id, relAgent, relType: row.type });
    }
  }
  return reverse;
}

function addLogical(groups: Map<string, string[]>, source: RelationsSource): void {
  const { account, moniker } = source;
  const role = spinnakerRole(source.kind);
  if (!source.allApplications && !applicationRoles.has(role)) return;
  const application = moniker.app ?? '';
  if (application === '') return;
  groups.set('applications', [applicationKey(application)]);
  const cluster = moniker.cluster ?? '';
  if (!clusterRoles.has(role) || cluster === '') return;
  groups.set('clusters', [clusterKey({ account, application, cluster })]);
}

function infrastructureReferences(view: KubernetesObjectView): readonly ObjectReference[] {
  const services = view.serviceName === '' ? view.ingressServices : [view.serviceName];
  return [
    ...view.owners,
    ...services.map((name) => ({ apiVersion: 'v1', kind: 'Service', name })),
    ...(view.involvedObject === undefined ? [] : [view.involvedObject]),
  ];
}

/** Clouddriver looks for every related object in the namespace of the one that names it. */
function addReference(
  groups: Map<string, string[]>,
  source: RelationsSource,
  reference: ObjectReference,
): void {
  const kind = spinnakerKind(reference.apiVersion, reference.kind);
  const { account, view } = source;
  const id = infrastructureKey({
    kind,
    account,
    namespace: view.namespace,
    name: reference.name,
  });
  const group = groups.get(kind);
  if (group === undefined) groups.set(kind, [id]);
  else group.push(id);
}

function sortedOnce(ids: readonly string[]): readonly string[] {
  return ids.length < 2 ? ids : [...new Set(ids)].sort();
}
