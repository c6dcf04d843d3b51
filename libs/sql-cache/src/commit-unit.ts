/**
 * Writes a prepared unit inside one transaction, in an order that every writer keeps: the account's
 * row (which is the fence), rows by type and key, relation rows, logical rows, and last what has
 * lost its last member.
 *
 * Waits for the database only where an answer decides what comes next: once for what is stored (or
 * for the lock alone, when nothing is believed to be), and once more when members have gone. Whether
 * the writes succeeded is for the transaction to find out.
 */
import {
  applicationKeyOfCluster,
  reverseRelationsOf,
  type LogicalRow,
  type ReverseRelation,
} from '@fairlead/clouddriver-model';
import { changesOf, type BatchChanges } from './unit-changes.ts';
import type { PreparedUnit, TableBatch } from './prepare-unit.ts';
import type { TableNames } from './table-names.ts';
import type { UpsertRows, WriteSession } from './dialect.ts';
import { writeRelations, type RelationChanges } from './write-relations.ts';

/** What writing rows did. */
export interface RowCounts {
  inserted: number;
  updated: number;
  unchanged: number;
  deleted: number;
}

/** What writing needs. */
export interface WriteDeps {
  readonly session: WriteSession;
  /** Resolves when the account's row is locked, and rejects when it has another writer. */
  readonly fence: () => Promise<unknown>;
  readonly names: TableNames;
  /** For `last_updated`, epoch milliseconds. */
  readonly nowMs: number;
  /** Whether a type has a relation table. */
  readonly hasTable: (type: string) => Promise<boolean>;
  /** Told how many relations had to be left out for want of one. */
  readonly onLeftOut: (count: number) => void;
}

/**
 * Writes everything but the checkpoints, which are the caller's.
 * @throws RowsStored when a unit of new rows has one that is stored
 */
export async function writeUnit(unit: PreparedUnit, deps: WriteDeps): Promise<RowCounts> {
  const fenced = deps.fence();
  if (unit.isNew) await fenced;
  const changes = unit.isNew ? assumeNew(unit) : await findChanges(unit.batches, deps);
  const inserted: Promise<void>[] = [];
  for (const { batch, change } of changes) {
    if (unit.isNew) inserted.push(deps.session.insertRows(rowsToWrite(batch, change, deps)));
    else writeRows(batch, change, deps);
  }
  const logical = writeLogicalRows(changes, deps);
  await writeRelations(
    {
      added: [
        ...changes.flatMap(({ change }) => change.added),
        ...[...logical, ...unit.relations.added],
      ],
      removed: [...changes.flatMap(({ change }) => change.removed), ...unit.relations.removed],
    },
    deps,
  );
  for (const { batch, change } of changes) await removeMemberless(batch, change, deps);
  await Promise.all([fenced, ...inserted]);
  return countsOf(changes);
}

/**
 * Writes a unit of new rows and nothing else beside the one before it: what is its own at once, and
 * what others may write as well (logical rows) under the fence.
 * @throws RowsStored when one of the rows is stored
 */
export async function writeBeside(unit: PreparedUnit, deps: WriteDeps): Promise<RowCounts> {
  const changes = assumeNew(unit);
  const inserted = changes.map(({ batch, change }) =>
    deps.session.insertRows(rowsToWrite(batch, change, deps)),
  );
  const added = changes.flatMap(({ change }) => change.added);
  await writeRelations({ added, removed: [] }, deps);
  await deps.fence();
  const logical = writeLogicalRows(changes, deps);
  await writeRelations({ added: logical, removed: [] }, deps);
  await Promise.all(inserted);
  return countsOf(changes);
}

interface Change {
  readonly batch: TableBatch;
  readonly change: BatchChanges;
}

/** Under the fence, and so under the eyes of nobody else who writes these rows. */
async function findChanges(batches: readonly TableBatch[], deps: WriteDeps): Promise<Change[]> {
  const { session, names } = deps;
  const fenced = deps.fence();
  const [, ...stored] = await Promise.all([
    fenced,
    ...batches.map((batch) =>
      session.selectRowHeads({
        table: names.resource(batch.type),
        agent: names.agent(batch.agent),
        wanted: [...batch.upserts, ...batch.deletes.map((id) => ({ id, bodyHash: '', head: '' }))],
      }),
    ),
  ]);
  return batches.map((batch, at) => ({ batch, change: changesOf(batch, stored[at] ?? []) }));
}

function assumeNew({ batches }: PreparedUnit): Change[] {
  return batches.map((batch) => ({ batch, change: changesOf(batch, []) }));
}

function countsOf(changes: readonly Change[]): RowCounts {
  const counts: RowCounts = { inserted: 0, updated: 0, unchanged: 0, deleted: 0 };
  for (const { change } of changes) {
    counts.inserted += change.inserts.length;
    counts.updated += change.updates.length;
    counts.unchanged += change.unchanged;
    counts.deleted += change.deletes.length;
  }
  return counts;
}

function rowsToWrite(batch: TableBatch, change: BatchChanges, deps: WriteDeps): UpsertRows {
  const rows = [...change.inserts, ...change.updates].sort((a, b) => (a.id < b.id ? -1 : 1));
  const { names, nowMs } = deps;
  return { table: names.resource(batch.type), agent: names.agent(batch.agent), rows, nowMs };
}

function writeRows(batch: TableBatch, change: BatchChanges, deps: WriteDeps): void {
  const request = rowsToWrite(batch, change, deps);
  const { table, agent } = request;
  if (request.rows.length > 0) void deps.session.upsertRows(request);
  if (change.deletes.length > 0) {
    void deps.session.deleteRows({ table, agent, ids: change.deletes });
  }
}

/** Gives the relations that the logical rows themselves bring. */
function writeLogicalRows(changes: readonly Change[], deps: WriteDeps): readonly ReverseRelation[] {
  const relations: ReverseRelation[] = [];
  for (const { batch, change } of changes) {
    for (const type of ['applications', 'clusters'] as const) {
      const rows = onceById(change.logical.filter((row) => row.type === type));
      if (rows.length === 0) continue;
      const { names, nowMs } = deps;
      const agent = names.agent(batch.agent);
      void deps.session.upsertRows({ table: names.resource(type), agent, rows, nowMs });
      for (const row of rows) relations.push(...row.relations);
    }
  }
  return relations;
}

function onceById(rows: readonly LogicalRow[]): LogicalRow[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return [...byId.keys()].sort().flatMap((id) => byId.get(id) ?? []);
}

/** Clusters first: an application whose clusters are gone may have lost its last relation. */
async function removeMemberless(
  batch: TableBatch,
  change: BatchChanges,
  deps: WriteDeps,
): Promise<void> {
  const { agent } = batch;
  const clusters = await deleteMemberless('clusters', agent, idsOf('clusters', change), deps);
  const orphaned = clusters.flatMap((id) => clusterRelations(id, agent));
  await writeRelations({ added: [], removed: orphaned }, deps);
  const applications = new Set([
    ...idsOf('applications', change),
    ...orphaned.map((relation) => relation.id),
  ]);
  await deleteMemberless('applications', agent, applications, deps);
}

function idsOf(type: string, change: RelationChanges): ReadonlySet<string> {
  return new Set(change.removed.flatMap((row) => (row.type === type ? [row.id] : [])));
}

function clusterRelations(id: string, agent: string): ReverseRelation[] {
  const application = applicationKeyOfCluster(id);
  const relations = application === undefined ? {} : { applications: [application] };
  return reverseRelationsOf({ type: 'clusters', id, agent, relations });
}

async function deleteMemberless(
  type: 'applications' | 'clusters',
  agent: string,
  ids: ReadonlySet<string>,
  deps: WriteDeps,
): Promise<readonly string[]> {
  if (ids.size === 0 || !(await deps.hasTable(type))) return [];
  const { session, names } = deps;
  const memberless = await session.selectMemberless({
    relationTable: names.relation(type),
    relAgent: names.agent(`${type}:${agent}`),
    ids: [...ids].sort(),
  });
  if (memberless.length === 0) return [];
  void session.deleteRows({
    table: names.resource(type),
    agent: names.agent(agent),
    ids: memberless.sort(),
  });
  return memberless;
}
