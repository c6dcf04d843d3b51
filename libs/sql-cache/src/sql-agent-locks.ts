/** Takes Clouddriver's locks on its caching agents, a few hundred with one statement. */
import type { AgentLocks, HoldLocks, HoldOutcome } from './agent-locks.ts';
import type { Dialect } from './dialect.ts';
import type { SqlClock } from './sql-cache-options.ts';

/** What the locks need. */
export interface AgentLocksDeps {
  readonly dialect: Dialect;
  readonly clock: Pick<SqlClock, 'nowMs'>;
  /** Clouddriver's `sql.table-namespace`. */
  readonly tableNamespace: string;
  /** Runs work until it succeeds or fails for good. */
  readonly retrying: <T>(operation: string, work: () => Promise<T>) => Promise<T>;
}

interface LockRow {
  readonly agent_name: string;
  readonly owner_id: string;
  readonly lock_acquired: number;
  readonly lock_expiry: number;
}

const baseTable = 'cats_agent_locks';
/** Four parameters each: far below what the protocols carry in one statement. */
const maxRowsPerStatement = 500;

/** The locks in one database. Relies on the primary key `agent_name`. */
export function createAgentLocks(deps: AgentLocksDeps): AgentLocks {
  const { dialect, tableNamespace, retrying } = deps;
  const name = tableNamespace === '' ? baseTable : `${baseTable}_${tableNamespace}`;
  const table = dialect.name === 'postgres' ? name.toLowerCase() : name;
  return {
    hold: (request) => retrying('holdLocks', () => hold(table, request, deps)),
  };
}

async function hold(
  table: string,
  { agents, owner, ms }: HoldLocks,
  { dialect, clock }: AgentLocksDeps,
): Promise<HoldOutcome> {
  // In one order, so that two bridges never wait for each other.
  const names = [...new Set(agents)].sort();
  const disturbed: string[] = [];
  try {
    for (let from = 0; from < names.length; from += maxRowsPerStatement) {
      const some = names.slice(from, from + maxRowsPerStatement);
      const taken = takenAt(clock.nowMs(), owner, ms);
      const lost = await prolong(dialect, { table, names: some, taken });
      const rows = lost.map((agent) => ({ agent_name: agent, ...taken }));
      if (rows.length === 0) continue;
      await dialect.knex<LockRow>(table).insert(rows).onConflict('agent_name').merge();
      disturbed.push(...lost);
    }
    return { kind: 'held', disturbed };
  } catch (error: unknown) {
    if (dialect.classify(error).kind === 'missingTable') return { kind: 'noTable' };
    throw error;
  }
}

type Taken = Omit<LockRow, 'agent_name'>;

function takenAt(nowMs: number, owner: string, ms: number): Taken {
  return { owner_id: owner, lock_acquired: nowMs, lock_expiry: nowMs + ms };
}

/**
 * Prolongs those that are as they were left, which is all of them nearly always: one statement.
 * Clouddriver moves the end of a lock alone, so that its length tells.
 * @returns the others
 */
async function prolong(
  { knex }: Dialect,
  lock: { readonly table: string; readonly names: readonly string[]; readonly taken: Taken },
): Promise<readonly string[]> {
  const { table, names, taken } = lock;
  const ours = () =>
    knex<LockRow>(table)
      .whereIn('agent_name', [...names])
      .where('owner_id', taken.owner_id);
  const length = taken.lock_expiry - taken.lock_acquired;
  const kept = await ours().whereRaw('lock_expiry = lock_acquired + ?', [length]).update(taken);
  if (kept === names.length) return [];
  const { lock_acquired, lock_expiry } = taken;
  const rows = await ours().where({ lock_acquired, lock_expiry }).select('agent_name');
  const held = new Set(rows.map((row) => row.agent_name));
  return names.filter((name) => !held.has(name));
}
