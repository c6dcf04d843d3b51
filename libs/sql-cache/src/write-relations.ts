/** Writes changes of relation rows, grouped so that each statement serves one table. */
import type { ReverseRelation } from '@fairlead/clouddriver-model';
import type { WriteDeps } from './commit-unit.ts';

/** Relation rows that come and go. */
export interface RelationChanges {
  readonly added: readonly ReverseRelation[];
  readonly removed: readonly ReverseRelation[];
}

/** Deletes before it inserts: a row that is both is one that holds. */
export async function writeRelations(changes: RelationChanges, deps: WriteDeps): Promise<void> {
  for (const [type, rows] of groupBy(changes.removed, (row) => row.type)) {
    if (!(await deps.hasTable(type))) continue;
    const uuids = [...new Set(rows.map((row) => row.uuid))].sort();
    void deps.session.deleteRelations({ table: deps.names.relation(type), uuids });
  }
  for (const [type, rows] of groupBy(changes.added, (row) => row.type)) {
    const writable = (await deps.hasTable(type)) ? rows.filter((row) => fits(row, deps)) : [];
    if (writable.length < rows.length) deps.onLeftOut(rows.length - writable.length);
    const groups = groupBy(writable, (row) => `${row.relAgent}\n${row.relType}`);
    for (const [, group] of groups) insertGroup(group, deps);
  }
}

function insertGroup(rows: readonly ReverseRelation[], deps: WriteDeps): void {
  const [first] = rows;
  if (first === undefined) return;
  const sorted = rows.toSorted(byUuid);
  void deps.session.insertRelations({
    table: deps.names.relation(first.type),
    relAgent: deps.names.agent(first.relAgent),
    relType: first.relType,
    // One uuid is one content.
    rows: sorted.filter(({ uuid }, at) => uuid !== sorted[at - 1]?.uuid),
    nowMs: deps.nowMs,
  });
}

function byUuid(one: ReverseRelation, other: ReverseRelation): number {
  return one.uuid < other.uuid ? -1 : one.uuid > other.uuid ? 1 : 0;
}

/** Clouddriver drops what its columns do not hold as well. */
function fits(row: ReverseRelation, deps: WriteDeps): boolean {
  const { limits } = deps.names;
  return row.id.length <= limits.id && row.relType.length <= limits.relType;
}

/** Groups in the order of their keys. */
function groupBy(
  rows: readonly ReverseRelation[],
  keyOf: (row: ReverseRelation) => string,
): (readonly [string, readonly ReverseRelation[]])[] {
  const groups = new Map<string, ReverseRelation[]>();
  let last: ReverseRelation | undefined;
  let group: ReverseRelation[] = [];
  for (const row of rows) {
    if (last === undefined || !isAlike(last, row)) {
      const key = keyOf(row);
      group = groups.get(key) ?? [];
      groups.set(key, group);
    }
    group.push(row);
    last = row;
  }
  return [...groups.keys()].sort().map((key) => [key, groups.get(key) ?? []]);
}

/** Whether two rows have all in common that rows are grouped by: mostly so, next to each other. */
function isAlike(one: ReverseRelation, other: ReverseRelation): boolean {
  return (
    one.type === other.type && one.relType === other.relType && one.relAgent === other.relAgent
  );
}
