/**
 * Writes Clouddriver's `accounts` and `accounts_history` as its own repository does
 * (`SqlAccountDefinitionRepository`), each change in one transaction under the account's epoch.
 */
import { isDeepStrictEqual } from 'node:util';
import type {
  AccountDefinition,
  AccountDefinitions,
  DefinitionOutcome,
} from './account-definitions.ts';
import type { Dialect, WriteSession } from './dialect.ts';
import type { SqlClock } from './sql-cache-options.ts';
import { fence } from './sql-account-store.ts';

/** What stands in `last_modified_by` of our rows, and tells them from those of others. */
export const definitionAuthor = 'fairlead';
/** Clouddriver's name for the provider. */
const definitionType = 'kubernetes';

const [definitions, history] = ['accounts', 'accounts_history'] as const;

/** What the definitions need. */
export interface AccountDefinitionsDeps {
  readonly dialect: Dialect;
  readonly clock: Pick<SqlClock, 'nowMs'>;
  /** Runs work until it succeeds or fails for good. */
  readonly retrying: <T>(operation: string, work: () => Promise<T>) => Promise<T>;
}

interface DefinitionRow {
  readonly id: string;
  readonly type: string;
  /** Drivers give JSON columns parsed or as text. */
  readonly body: unknown;
  readonly created_at: number;
  readonly last_modified_at: number;
  readonly last_modified_by: string;
}

interface HistoryRow {
  readonly id: string;
  readonly type: string | null;
  readonly body: unknown;
  readonly last_modified_at: number;
  readonly version: number;
  readonly is_deleted: boolean;
}

interface Work {
  readonly dialect: Dialect;
  readonly session: WriteSession;
  readonly nowMs: number;
}

/** The definitions in one database. */
export function createAccountDefinitions(deps: AccountDefinitionsDeps): AccountDefinitions {
  const inTransaction = (
    operation: string,
    account: { readonly name: string; readonly epoch: number },
    work: (at: Work) => Promise<DefinitionOutcome>,
  ): Promise<DefinitionOutcome> =>
    deps.retrying(operation, () => unlessMissing(deps, account, work));
  return {
    put: (definition) =>
      inTransaction('putDefinition', definition, (at) => putDefinition(definition, at)),
    remove: (account) =>
      inTransaction('removeDefinition', account, (at) => removeDefinition(account.name, at)),
  };
}

async function unlessMissing(
  { dialect, clock }: AccountDefinitionsDeps,
  account: { readonly name: string; readonly epoch: number },
  work: (at: Work) => Promise<DefinitionOutcome>,
): Promise<DefinitionOutcome> {
  try {
    return await dialect.transaction(async (session) => {
      await fence(session, account);
      return work({ dialect, session, nowMs: clock.nowMs() });
    });
  } catch (error: unknown) {
    if (dialect.classify(error).kind === 'missingTable') return 'noTable';
    throw error;
  }
}

async function putDefinition(
  { name, body }: AccountDefinition,
  at: Work,
): Promise<DefinitionOutcome> {
  const stored = await lockDefinition(name, at);
  if (stored !== undefined && stored.last_modified_by !== definitionAuthor) return 'foreign';
  if (stored !== undefined && isDeepStrictEqual(parsed(stored.body), body)) return 'unchanged';
  const text = JSON.stringify(body);
  const written = { body: text, last_modified_at: at.nowMs };
  const { knex } = at.dialect;
  const row = { id: name, type: definitionType, created_at: at.nowMs, ...written };
  await (
    stored === undefined
      ? knex<DefinitionRow>(definitions).insert({ ...row, last_modified_by: definitionAuthor })
      : knex<DefinitionRow>(definitions).where({ id: name }).update(written)
  ).connection(at.session.connection);
  await addToHistory({ id: name, type: definitionType, body: text, is_deleted: false }, at);
  return stored === undefined ? 'created' : 'changed';
}

async function removeDefinition(name: string, at: Work): Promise<DefinitionOutcome> {
  const stored = await lockDefinition(name, at);
  if (stored === undefined) return 'unchanged';
  if (stored.last_modified_by !== definitionAuthor) return 'foreign';
  await addToHistory({ id: name, type: null, body: null, is_deleted: true }, at);
  await at.dialect
    .knex<DefinitionRow>(definitions)
    .where({ id: name })
    .delete()
    .connection(at.session.connection);
  return 'changed';
}

async function lockDefinition(name: string, { dialect, session }: Work) {
  const [row] = await dialect
    .knex<DefinitionRow>(definitions)
    .select('body', 'last_modified_by')
    .where({ id: name })
    .forUpdate()
    .connection(session.connection);
  return row;
}

/** Versions count from 1, as Clouddriver counts them. */
async function addToHistory(
  entry: Omit<HistoryRow, 'version' | 'last_modified_at'>,
  { dialect, session, nowMs }: Work,
): Promise<void> {
  const { knex } = dialect;
  const counted = await knex(history)
    .where({ id: entry.id })
    .count({ entries: '*' })
    .connection(session.connection);
  const version = Number(counted[0]?.entries ?? 0) + 1;
  await knex<HistoryRow>(history)
    .insert({ ...entry, last_modified_at: nowMs, version })
    .connection(session.connection);
}

function parsed(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body);
  } catch {
    // Not what we have written: it will be written anew.
    return undefined;
  }
}
