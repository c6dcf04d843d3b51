/** The accounts in `fairlead_accounts`: every step is one transaction that locks the account's row. */
import type {
  AccountHead,
  AccountStore,
  AccountUpdate,
  StoredAccount,
  TakeOverRequest,
  TakeOverResult,
} from './account-store.ts';
import type { Dialect, LockedAccount, WriteSession } from './dialect.ts';
import { SqlCacheError } from './sql-cache-error.ts';
import type { SqlClock } from './sql-cache-options.ts';

/** A removed account keeps its row, so that its epoch never starts again. */
export const removedState = 'removed';
/** The rows of an account are being deleted, for good or since another cluster gets its name. */
export const [removingState, movingState] = ['removing', 'moving'] as const;

interface AccountRow {
  readonly name: string;
  readonly state: string;
  /** PostgreSQL's driver gives 64-bit numbers as text. */
  readonly epoch: number | string;
  readonly agent_id: string;
  readonly instance_id: string;
  readonly bridge_id: string;
  readonly link_id: string;
  readonly cluster_server: string;
  readonly cluster_certificate: string;
  readonly cluster_version: string;
  readonly cluster_uid: string;
  readonly properties: string;
  readonly kinds: string;
  readonly created_at_ms: number | string;
  readonly updated_at_ms: number | string;
  readonly grace_deadline_ms: number | string | null;
}

const table = 'fairlead_accounts';

/** What the store needs. */
export interface AccountStoreDeps {
  readonly dialect: Dialect;
  readonly clock: Pick<SqlClock, 'nowMs'>;
  /** Runs work until it succeeds or fails for good. */
  readonly retrying: <T>(operation: string, work: () => Promise<T>) => Promise<T>;
}

/** The account store of one database. */
export function createAccountStore(deps: AccountStoreDeps): AccountStore {
  const { dialect, retrying } = deps;
  return {
    heads: () => retrying('accountHeads', () => accountHeads(dialect)),
    list: () => retrying('listAccounts', () => listAccounts(dialect)),
    get: (name) => retrying('getAccount', () => getAccount(dialect, name)),
    takeOver: (request) => retrying('takeOver', () => takeOver(request, deps)),
    update: (change) => retrying('updateAccount', () => updateAccount(change, deps)),
  };
}

/**
 * Locks the account's row for the transaction and checks that the epoch is still the writer's. Two
 * writers of one account therefore never write at the same time, and an older one not at all.
 * @throws SqlCacheError `fenced`
 */
export async function fence(
  session: WriteSession,
  account: { readonly name: string; readonly epoch: number },
): Promise<void> {
  requireEpoch(await session.lockAccount(account.name), account);
}

/**
 * The same of a row that is locked.
 * @throws SqlCacheError `fenced`
 */
export function requireEpoch(
  row: LockedAccount | undefined,
  account: { readonly name: string; readonly epoch: number },
): LockedAccount {
  const current = row?.epoch ?? 0;
  if (row !== undefined && current > 0 && current === account.epoch) return row;
  const message = `account ${account.name} is at epoch ${current}, not ${account.epoch}`;
  throw new SqlCacheError('fenced', message);
}

/** The bridge that has an account, or had it last. */
export async function bridgeOf(
  dialect: Dialect,
  session: WriteSession,
  name: string,
): Promise<string | undefined> {
  const query = dialect.knex<AccountRow>(table).select('bridge_id').where({ name });
  const [row] = await query.connection(session.connection);
  return row?.bridge_id;
}

/** Writes columns of an account whose row is locked. */
export async function writeAccount(
  dialect: Dialect,
  session: WriteSession,
  change: { readonly name: string } & Partial<AccountRow>,
): Promise<void> {
  const { name, ...columns } = change;
  await dialect
    .knex<AccountRow>(table)
    .where({ name })
    .update(columns)
    .connection(session.connection);
}

async function accountHeads(dialect: Dialect): Promise<AccountHead[]> {
  const rows = await dialect
    .knex<AccountRow>(table)
    .select('name', 'state', 'epoch', 'bridge_id')
    .whereNot('state', removedState);
  return rows.map(({ name, state, epoch, bridge_id: bridgeId }) => {
    return { name, state, epoch: Number(epoch), bridgeId };
  });
}

async function listAccounts(dialect: Dialect): Promise<StoredAccount[]> {
  const rows = await dialect
    .knex<AccountRow>(table)
    .select('*')
    .whereNot('state', removedState)
    .orderBy('name');
  return rows.map(accountFromRow);
}

async function getAccount(dialect: Dialect, name: string): Promise<StoredAccount | undefined> {
  const [row] = await dialect.knex<AccountRow>(table).select('*').where({ name });
  return row === undefined || row.state === removedState ? undefined : accountFromRow(row);
}

async function takeOver(request: TakeOverRequest, deps: AccountStoreDeps): Promise<TakeOverResult> {
  const { dialect } = deps;
  const nowMs = deps.clock.nowMs();
  return dialect.transaction(async (session): Promise<TakeOverResult> => {
    // So that there is a row to lock: two bridges may meet a new account at the same moment.
    await dialect
      .knex<AccountRow>(table)
      .insert({ ...rowFromRequest(request, nowMs), ...emptyAccount(nowMs) })
      .onConflict('name')
      .ignore()
      .connection(session.connection);
    const locked = await session.lockAccount(request.name);
    const storedEpoch = locked?.epoch ?? 0;
    const isRemoved = locked?.state === removedState;
    const isEmptied = locked?.state === removingState || locked?.state === movingState;
    if (isEmptied || (isRemoved ? 0 : storedEpoch) !== request.expectedEpoch) {
      return { kind: 'lost', current: await currentAccount(dialect, session, request.name) };
    }
    const epoch = storedEpoch + 1;
    const created = isRemoved ? { created_at_ms: nowMs } : {};
    const columns = { ...rowFromRequest(request, nowMs), ...created, epoch };
    await writeAccount(dialect, session, columns);
    return { kind: 'taken', epoch };
  });
}

async function currentAccount(
  dialect: Dialect,
  session: WriteSession,
  name: string,
): Promise<StoredAccount | undefined> {
  const query = dialect.knex<AccountRow>(table).select('*').where({ name });
  const [row] = await query.connection(session.connection);
  return row === undefined || row.state === removedState ? undefined : accountFromRow(row);
}

async function updateAccount(change: AccountUpdate, deps: AccountStoreDeps): Promise<boolean> {
  const { dialect } = deps;
  return dialect.transaction(async (session) => {
    const locked = await session.lockAccount(change.name);
    if (locked === undefined || locked.state === removedState) return false;
    if (locked.epoch !== change.epoch) return false;
    await writeAccount(dialect, session, {
      name: change.name,
      updated_at_ms: deps.clock.nowMs(),
      ...(change.state === undefined ? {} : { state: change.state }),
      ...(change.kinds === undefined ? {} : { kinds: JSON.stringify(change.kinds) }),
      ...(change.properties === undefined ? {} : { properties: JSON.stringify(change.properties) }),
      ...(change.graceDeadlineMs === undefined
        ? {}
        : { grace_deadline_ms: change.graceDeadlineMs }),
    });
    return true;
  });
}

/** A name that is only reserved counts as removed until the take-over is written. */
function emptyAccount(nowMs: number): Pick<AccountRow, 'state' | 'epoch' | 'created_at_ms'> {
  return { state: removedState, epoch: 0, created_at_ms: nowMs };
}

/** The columns that say who feeds what, also of an account that is to feed another cluster. */
export function rowFromRequest(
  request: Omit<TakeOverRequest, 'expectedEpoch'>,
  nowMs: number,
): Omit<AccountRow, 'epoch' | 'created_at_ms'> {
  const { owner, cluster } = request;
  return {
    name: request.name,
    state: request.state,
    agent_id: owner.agentId,
    instance_id: owner.instanceId,
    bridge_id: owner.bridgeId,
    link_id: owner.linkId,
    cluster_server: cluster.server,
    cluster_certificate: cluster.certificateFingerprint,
    cluster_version: cluster.version,
    cluster_uid: cluster.uid,
    properties: JSON.stringify(request.properties),
    kinds: JSON.stringify(request.kinds),
    updated_at_ms: nowMs,
    grace_deadline_ms: null,
  };
}

function accountFromRow(row: AccountRow): StoredAccount {
  return {
    name: row.name,
    state: row.state,
    epoch: Number(row.epoch),
    owner: {
      agentId: row.agent_id,
      instanceId: row.instance_id,
      bridgeId: row.bridge_id,
      linkId: row.link_id,
    },
    cluster: {
      server: row.cluster_server,
      certificateFingerprint: row.cluster_certificate,
      version: row.cluster_version,
      uid: row.cluster_uid,
    },
    properties: JSON.parse(row.properties) as Readonly<Record<string, unknown>>,
    kinds: JSON.parse(row.kinds) as readonly string[],
    createdAtMs: Number(row.created_at_ms),
    updatedAtMs: Number(row.updated_at_ms),
    graceDeadlineMs: row.grace_deadline_ms === null ? null : Number(row.grace_deadline_ms),
  };
}
