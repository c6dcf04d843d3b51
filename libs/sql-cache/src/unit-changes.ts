/**
 * What a batch changes besides its rows: relation rows that come and go in the tables of other
 * types, and logical rows that are needed. Pure: heads of stored rows in, changes out.
 */
import {
  readRowHead,
  reverseRelationsOf,
  type LogicalRow,
  type Projection,
  type ReverseRelation,
} from '@fairlead/clouddriver-model';
import type { StoredRowHead } from './dialect.ts';
import type { TableBatch } from './prepare-unit.ts';

/** What one batch changes. */
export interface BatchChanges {
  /** Rows that are not stored yet. */
  readonly inserts: readonly Projection[];
  /** Rows whose body differs from the stored one. */
  readonly updates: readonly Projection[];
  /** How many rows are stored as they are. */
  readonly unchanged: number;
  /** Stored rows that are to go. */
  readonly deletes: readonly string[];
  /** Relation rows that may be missing. */
  readonly added: readonly ReverseRelation[];
  /** Relation rows that no longer hold. */
  readonly removed: readonly ReverseRelation[];
  /** Logical rows that must be there. */
  readonly logical: readonly LogicalRow[];
}

/** `body_hash` of a row that is not what was written. */
export const distrustedHash = '';

/** Compares a batch with what is stored. */
export function changesOf(batch: TableBatch, stored: readonly StoredRowHead[]): BatchChanges {
  const heads = new Map(stored.map((row) => [row.id, row]));
  const inserts: Projection[] = [];
  const updates: Projection[] = [];
  const added: ReverseRelation[] = [];
  const removed: ReverseRelation[] = [];
  const logical: LogicalRow[] = [];
  let unchanged = 0;
  for (const row of batch.upserts) {
    const before = heads.get(row.id);
    if (before?.bodyHash === row.bodyHash) {
      unchanged += 1;
      continue;
    }
    (before === undefined ? inserts : updates).push(row);
    // Of a distrusted row's relations nobody knows whether they are still there.
    if (before?.head === null && before.bodyHash !== distrustedHash) continue;
    added.push(...row.relations);
    logical.push(...logicalRowsOf(row));
    if (before !== undefined) removed.push(...relationsGone(batch, before, row));
  }
  const deletes = batch.deletes.filter((id) => heads.has(id));
  for (const id of deletes) removed.push(...storedRelations(batch, heads.get(id)));
  return { inserts, updates, unchanged, deletes, added, removed, logical };
}

function logicalRowsOf(row: Projection): LogicalRow[] {
  const { application, cluster } = row.logical;
  return [application, cluster].filter((logical) => logical !== undefined);
}

function relationsGone(
  batch: TableBatch,
  before: StoredRowHead,
  now: Projection,
): ReverseRelation[] {
  const kept = new Set(now.relations.map((relation) => relation.uuid));
  return storedRelations(batch, before).filter((relation) => !kept.has(relation.uuid));
}

function storedRelations(batch: TableBatch, before: StoredRowHead | undefined): ReverseRelation[] {
  if (before === undefined) return [];
  const { relations } = readRowHead(before.head ?? '');
  return reverseRelationsOf({ type: batch.type, id: before.id, agent: batch.agent, relations });
}
