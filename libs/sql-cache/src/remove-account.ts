/**
 * Deletes all rows of an account in chunks, each a transaction of its own, so that nobody waits long
 * for a lock. The first step raises the epoch: a writer that is somehow still alive is fenced off.
 */
import { cachingAgentName, isNativeKind, namedKindAgentName } from '@fairlead/clouddriver-model';
import { fence, removedState, writeAccount } from './sql-account-store.ts';
import { deleteAccountLetters } from './dead-letter-rows.ts';
import type { Dialect, WriteSession } from './dialect.ts';
import { deleteAllFeeds } from './feed-rows.ts';
import type { RemoveAccountRequest } from './sql-cache.ts';
import { SqlCacheError } from './sql-cache-error.ts';
import type { SqlClock } from './sql-cache-options.ts';

/** What removing needs. */
export interface RemoveDeps {
  readonly dialect: Dialect;
  readonly clock: Pick<SqlClock, 'nowMs'>;
  /** All types with rows. */
  readonly types: readonly string[];
  /** Runs work until it succeeds or fails for good. */
  readonly retrying: <T>(work: () => Promise<T>) => Promise<T>;
}

/** About 50 ms of deleting. */
const defaultChunkRows = 1000;
const removingState = 'removing';

/** Removes an account; gives the number of its rows. */
export async function removeAccount(
  request: RemoveAccountRequest,
  deps: RemoveDeps,
): Promise<{ readonly rows: number }> {
  const { name } = request;
  const limit = request.chunkRows ?? defaultChunkRows;
  const epoch = await deps.retrying(() => beginRemoval(request, deps));
  const chunk = (work: (session: WriteSession) => Promise<number>) =>
    deps.retrying(() => fenced({ name, epoch }, deps, work));
  let rows = 0;
  for (const target of targetsOf(name, deps)) {
    let deleted: number;
    do {
      deleted = await chunk((session) =>
        target.kind === 'rows'
          ? session.deleteAgentRows({ table: target.table, agent: target.agent, limit })
          : session.deleteAgentRelations({ table: target.table, relAgent: target.agent, limit }),
      );
      if (target.kind === 'rows') rows += deleted;
    } while (deleted === limit);
  }
  const letters = { account: name, limit };
  while ((await chunk((session) => deleteAccountLetters(deps.dialect, session, letters))) > 0);
  await chunk(async (session) => {
    await deleteAllFeeds(deps.dialect, session, name);
    await writeAccount(deps.dialect, session, {
      name,
      state: removedState,
      updated_at_ms: deps.clock.nowMs(),
      grace_deadline_ms: null,
    });
    return 0;
  });
  return { rows };
}

/** Gives the epoch of the removal. A removal that was begun before is gone on with. */
async function beginRemoval(request: RemoveAccountRequest, deps: RemoveDeps): Promise<number> {
  const { name, epoch } = request;
  return deps.dialect.transaction(async (session) => {
    const row = await session.lockAccount(name);
    const current = row?.epoch ?? 0;
    if (row?.state === removingState && current === epoch + 1) return current;
    if (current !== epoch || row?.state === removedState) throw movedOn(name);
    await writeAccount(deps.dialect, session, {
      name,
      state: removingState,
      epoch: epoch + 1,
      updated_at_ms: deps.clock.nowMs(),
    });
    return epoch + 1;
  });
}

function movedOn(name: string): SqlCacheError {
  return new SqlCacheError('fenced', `account ${name} has another feeder or is removed`);
}

async function fenced(
  account: { readonly name: string; readonly epoch: number },
  deps: RemoveDeps,
  work: (session: WriteSession) => Promise<number>,
): Promise<number> {
  return deps.dialect.transaction(async (session) => {
    await fence(session, account);
    return work(session);
  });
}

interface Target {
  readonly kind: 'rows' | 'relations';
  readonly table: string;
  /** What stands in the table's agent column. */
  readonly agent: string;
}

/** Every table in which one of the account's agents may have rows. */
function targetsOf(account: string, deps: RemoveDeps): Target[] {
  const { names } = deps.dialect;
  const agents = new Set(deps.types.flatMap((type) => agentsOf(account, type)));
  return deps.types.flatMap((type) => [
    ...[...agents].map((agent) => ({
      kind: 'rows' as const,
      table: names.resource(type),
      agent: names.agent(agent),
    })),
    ...[...agents].map((agent) => ({
      kind: 'relations' as const,
      table: names.relation(type),
      agent: names.agent(`${type}:${agent}`),
    })),
  ]);
}

/** Clouddriver may have had a second agent for a custom kind. */
function agentsOf(account: string, type: string): readonly string[] {
  const agent = cachingAgentName(account, type);
  return isNativeKind(type) ? [agent] : [agent, namedKindAgentName(account, type)];
}
