/**
 * Who is related to whom. An object's own relations stand in its body; the opposite direction of
 * each stands as a row in the relation table of the other type, because the other object's body is
 * not ours to rewrite each time somebody points to it.
 *
 * The relation service -> replica sets needs to know the labels of other objects; it is no part of
 * `relationsOf`, which sees one object only, but of `selection-index.ts`.
 */
import type { ObjectReference, ProjectedView } from './object-view.ts';
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
  readonly view: ProjectedView;
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

/** One relation seen from the other end, without the row that states it. */
export interface RelationTarget {
  /** The type whose relation table holds it. */
  readonly type: string;
  /** The other end. */
  readonly id: string;
  /** `<type>:<agent>`. */
  readonly relAgent: string;
  /** All of it, as it stands in what a relation's uuid is made from. */
  readonly content: string;
}

/** What relations of rows of one agent lead to. */
export function relationTargets(relations: Relations, agent: string): RelationTarget[] {
  const targets: RelationTarget[] = [];
  for (const type of Object.keys(relations)) {
    const relAgent = `${type}:${agent}`;
    for (const id of relations[type] ?? []) {
      targets.push({ type, id, relAgent, content: `\n${type}\n${id}\n${relAgent}` });
    }
  }
  return targets;
}

/** The rows in the relation tables of other types that exist because one row leads there. */
export function reverseRelationsTo(
  targets: readonly RelationTarget[],
  row: { readonly type: string; readonly id: string },
): ReverseRelation[] {
  const { type: relType, id: relId } = row;
  return targets.map(({ type, id, relAgent, content }) => {
    const uuid = contentUuid(`${relType}\n${relId}${content}`);
    return { type, uuid, id, relId, relAgent, relType };
  });
}

/** The rows in the relation tables of other types that exist because of one row's relations. */
export function reverseRelationsOf(row: {
  readonly type: string;
  readonly id: string;
  readonly agent: string;
  readonly relations: Relations;
}): ReverseRelation[] {
  return reverseRelationsTo(relationTargets(row.relations, row.agent), row);
}

/** Whether objects of a kind are related to their application. */
export function relatesToApplication(
  source: Pick<RelationsSource, 'kind' | 'allApplications'>,
): boolean {
  return source.allApplications || applicationRoles.has(spinnakerRole(source.kind));
}

function addLogical(groups: Map<string, string[]>, source: RelationsSource): void {
  const { account, moniker } = source;
  if (!relatesToApplication(source)) return;
  const application = moniker.app ?? '';
  if (application === '') return;
  groups.set('applications', [applicationKey(application)]);
  const cluster = moniker.cluster ?? '';
  if (!clusterRoles.has(spinnakerRole(source.kind)) || cluster === '') return;
  groups.set('clusters', [clusterKey({ account, application, cluster })]);
}

function infrastructureReferences(view: ProjectedView): readonly ObjectReference[] {
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
