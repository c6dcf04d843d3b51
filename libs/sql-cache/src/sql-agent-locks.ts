/** Takes Clouddriver's locks on its caching agents, a few hundred with one statement. */
import type { AgentLocks, HoldLocks } from './agent-locks.ts';
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
): Promise<'held' | 'noTable'> {
  const nowMs = clock.nowMs();
  const taken = { owner_id: owner, lock_acquired: nowMs, lock_expiry: nowMs + ms };
  // In one order, so that two bridges never wait for each other.
  const rows = [...new Set(agents)].sort().map((agent) => ({ agent_name: agent, ...taken }));
  try {
    for (let from = 0; from < rows.length; from += maxRowsPerStatement) {
      const part = rows.slice(from, from + maxRowsPerStatement);
      await dialect.knex<LockRow>(table).insert(part).onConflict('agent_name').merge();
    }
    return 'held';
  } catch (error: unknown) {
    if (dialect.classify(error).kind === 'missingTable') return 'noTable';
    throw error;
  }
}
