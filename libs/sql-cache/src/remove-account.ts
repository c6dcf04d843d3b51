/**
 * Deletes all rows of an account in chunks, each a transaction of its own, so that nobody waits long
 * for a lock. The first step raises the epoch: a writer that is somehow still alive is fenced off,
 * and nobody can take the account over until the last step is done.
 */
import { cachingAgentName, unregisteredAgentName } from '@fairlead/clouddriver-model';
import {
  bridgeOf,
  fence,
  movingState,
  removedState,
  removingState,
  rowFromRequest,
  writeAccount,
} from './sql-account-store.ts';
import { deleteAccountLetters } from './dead-letter-rows.ts';
import type { Dialect, WriteSession } from './dialect.ts';
import { deleteAllFeeds } from './feed-rows.ts';
import type {
  MoveAccountRequest,
  MovedAccount,
  RemoveAccountRequest,
  RemovedAccount,
} from './sql-cache.ts';
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

/** Removes an account; gives the number of its rows. */
export async function removeAccount(
  request: RemoveAccountRequest,
  deps: RemoveDeps,
): Promise<RemovedAccount> {
  const { bridgeId } = request;
  const holder = bridgeId === undefined ? {} : { bridge_id: bridgeId };
  const begin = { ...request, columns: { ...holder, state: removingState } };
  const epoch = await deps.retrying(() => beginDeleting(begin, deps));
  return deleteRows(request, deps, { epoch, lastState: removedState });
}

/** Deletes the rows of an account's old cluster; the account is the new cluster's from the start. */
export async function moveAccount(
  request: MoveAccountRequest,
  deps: RemoveDeps,
): Promise<MovedAccount> {
  const { name, bridgeId, to, state } = request;
  const owner = { agentId: '', instanceId: '', linkId: '', bridgeId };
  const row = rowFromRequest({ name, owner, ...to, state: movingState }, deps.clock.nowMs());
  const begin = { ...request, columns: row };
  const epoch = await deps.retrying(() => beginDeleting(begin, deps));
  return { ...(await deleteRows(request, deps, { epoch, lastState: state })), epoch };
}

async function deleteRows(
  request: RemoveAccountRequest,
  deps: RemoveDeps,
  { epoch, lastState }: { readonly epoch: number; readonly lastState: string },
): Promise<RemovedAccount> {
  const { name } = request;
  const limit = request.chunkRows ?? defaultChunkRows;
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
      state: lastState,
      updated_at_ms: deps.clock.nowMs(),
      grace_deadline_ms: null,
    });
    return 0;
  });
  return { rows };
}

/** Gives the epoch of the deleting. One that was begun before is gone on with. */
async function beginDeleting(
  request: RemoveAccountRequest & { readonly columns: { readonly state: string } },
  deps: RemoveDeps,
): Promise<number> {
  const { name, epoch, columns } = request;
  return deps.dialect.transaction(async (session) => {
    const row = await session.lockAccount(name);
    const current = row?.epoch ?? 0;
    const isBegun = row?.state === columns.state && current === epoch + 1;
    if (isBegun && (await isByBridge(request, deps, session))) return current;
    if (current !== epoch || row?.state === removedState) throw movedOn(name);
    const updated = { updated_at_ms: deps.clock.nowMs() };
    await writeAccount(deps.dialect, session, { ...columns, ...updated, name, epoch: epoch + 1 });
    return epoch + 1;
  });
}

/** Two bridges that begin at once may want different things: only one's own is gone on with. */
async function isByBridge(
  { name, bridgeId }: RemoveAccountRequest,
  { dialect }: RemoveDeps,
  session: WriteSession,
): Promise<boolean> {
  if (bridgeId === undefined) return true;
  return (await bridgeOf(dialect, session, name)) === bridgeId;
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
  const ours = deps.types.map((type) => cachingAgentName(account, type));
  const agents = new Set([...ours, unregisteredAgentName(account)]);
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
