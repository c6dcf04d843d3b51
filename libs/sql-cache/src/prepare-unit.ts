/**
 * Sorts a unit by table and key before anything touches the database: all writers take locks in the
 * same order, and what a database cannot hold is found without asking it.
 */
import {
  accountOfAgent,
  cachingAgentName,
  type Projection,
  type RelationRows,
} from '@fairlead/clouddriver-model';
import type { CommitUnit, RowKey } from './sql-cache.ts';
import { SqlCacheError } from './sql-cache-error.ts';
import type { NameLimits } from './table-names.ts';

/** The rows of one type and one agent. */
export interface TableBatch {
  /** Clouddriver's cache type. */
  readonly type: string;
  /** The agent, as Clouddriver names it. */
  readonly agent: string;
  /** In key order, each id once. */
  readonly upserts: readonly Projection[];
  /** In key order, none that is in `upserts`. */
  readonly deletes: readonly string[];
}

/** A unit in the order of writing. */
export interface PreparedUnit {
  /** By type and agent. */
  readonly batches: readonly TableBatch[];
  /** None of the rows is believed to be stored. */
  readonly isNew: boolean;
  /** Relation rows of no single object. */
  readonly relations: RelationRows;
  /** Types of the rows. */
  readonly writtenTypes: ReadonlySet<string>;
  /** Types that the rows point to. */
  readonly pointedToTypes: ReadonlySet<string>;
}

interface OpenBatch {
  readonly type: string;
  readonly agent: string;
  readonly upserts: Map<string, Projection>;
  readonly deletes: Set<string>;
}

/**
 * Sorts a unit.
 * @throws SqlCacheError `rejected` when a row belongs to another account, or has a longer id than
 * the column holds (352 characters on MySQL)
 */
export function prepareUnit(unit: CommitUnit, limits: NameLimits): PreparedUnit {
  const open = new Map<string, OpenBatch>();
  let last: OpenBatch | undefined;
  // Rows of one type and agent come by the hundred.
  const batchOf = (row: RowKey): OpenBatch => {
    if (last?.type === row.type && last.agent === row.agent) return last;
    requireAccount(row, unit.account);
    return (last = batchFor(open, row));
  };
  for (const row of unit.upserts) {
    const batch = batchOf(row);
    if (row.id.length > limits.id) throw idTooLong(row, limits);
    if (row.ignored) batch.deletes.add(row.id);
    else batch.upserts.set(row.id, row);
  }
  for (const row of unit.deletes) batchOf(row).deletes.add(row.id);
  for (const { type, rowId: id, account } of unit.deadLetters?.put ?? []) {
    requireAccount({ type, id, agent: cachingAgentName(account, type) }, unit.account);
  }
  const keys = [...open.keys()].sort();
  const batches = keys.flatMap((key) => closeBatch(open.get(key)));
  const relations = unit.relations ?? { added: [], removed: [] };
  for (const { type, id, relAgent } of [...relations.added, ...relations.removed]) {
    const agent = relAgent.slice(type.length + 1);
    requireAccount({ type, id, agent }, unit.account);
  }
  const types = typesOf(batches);
  for (const { type } of relations.added) types.pointedToTypes.add(type);
  const isNew = unit.isNew === true && batches.every(({ deletes }) => deletes.length === 0);
  return { batches, isNew, relations, ...types };
}

/** A row under another account's agent would escape the fence of that account. */
function requireAccount(row: RowKey, account: string): void {
  if (accountOfAgent(row.agent) === account) return;
  throw new SqlCacheError('rejected', `a row of type ${row.type} is not of account ${account}`);
}

/** As the database would, but in one round trip less, and in the same words everywhere. */
function idTooLong(row: RowKey, limits: NameLimits): SqlCacheError {
  const message = `the id of a row of type ${row.type} has ${row.id.length} characters`;
  return new SqlCacheError('rejected', `${message}, and the column holds ${limits.id}`);
}

function batchFor(open: Map<string, OpenBatch>, row: RowKey): OpenBatch {
  const key = `${row.type}\n${row.agent}`;
  let batch = open.get(key);
  if (batch === undefined) {
    batch = { type: row.type, agent: row.agent, upserts: new Map(), deletes: new Set() };
    open.set(key, batch);
  }
  return batch;
}

function closeBatch(batch: OpenBatch | undefined): TableBatch[] {
  if (batch === undefined) return [];
  const { type, agent } = batch;
  const upserts = [...batch.upserts.values()].sort(byId);
  const deletes = [...batch.deletes].filter((id) => !batch.upserts.has(id)).sort();
  return [{ type, agent, upserts, deletes }];
}

function byId(one: Projection, other: Projection): number {
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}

function typesOf(batches: readonly TableBatch[]): {
  readonly writtenTypes: Set<string>;
  readonly pointedToTypes: Set<string>;
} {
  const writtenTypes = new Set<string>();
  const pointedToTypes = new Set<string>();
  for (const batch of batches) {
    writtenTypes.add(batch.type);
    for (const row of batch.upserts) {
      for (const relation of row.relations) pointedToTypes.add(relation.type);
      if (row.logical.application !== undefined) writtenTypes.add('applications');
      if (row.logical.cluster !== undefined) writtenTypes.add('clusters');
    }
  }
  return { writtenTypes, pointedToTypes };
}
