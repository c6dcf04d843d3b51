/**
 * The contract for Clouddriver's own `accounts` table, from which it learns its accounts without a
 * restart: https://spinnaker.io/docs/setup/other_config/accounts/
 * Rows of others are never touched.
 */

/** One account as Clouddriver is to know it. */
export interface AccountDefinition {
  /** The account; at most 255 characters. */
  readonly name: string;
  /** The writer's epoch of the account. */
  readonly epoch: number;
  /**
   * What Clouddriver reads; `type` and `name` are part of it. A body that it cannot read makes it
   * drop the account.
   */
  readonly body: Readonly<Record<string, unknown>>;
}

/** How writing or removing a definition ended. */
export type DefinitionOutcome =
  /** There was no row, and now there is. */
  | 'created'
  /** The row is as it should be now, and was not before. */
  | 'changed'
  /** The row was as it should be. */
  | 'unchanged'
  /** Somebody else has written a row of that name; it was left alone. */
  | 'foreign'
  /** This database has no such table: Clouddriver is older than 1.28, or has not been started. */
  | 'noTable';

/** Clouddriver's account definitions. */
export interface AccountDefinitions {
  /**
   * Writes the row, with its history, while the epoch is still the given one.
   * @throws SqlCacheError `fenced`, `rejected`, `aborted`
   */
  put(definition: AccountDefinition): Promise<DefinitionOutcome>;
  /**
   * Removes the row, with an entry in its history, while the epoch is still the given one.
   * @throws SqlCacheError `fenced`, `rejected`, `aborted`
   */
  remove(account: { readonly name: string; readonly epoch: number }): Promise<DefinitionOutcome>;
}
