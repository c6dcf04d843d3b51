/**
 * The contract for `cats_agent_locks`, in which Clouddriver's SQL scheduler notes which caching agent
 * runs: an agent with an unexpired lock is not started, whoever holds it.
 */

/** Clouddriver's locks on its caching agents. */
export interface AgentLocks {
  /**
   * Takes the locks, or prolongs them, whoever held them: an agent of Clouddriver that is running
   * comes to its end, and is not started again. Clouddriver forgets locks when an account changes,
   * so they must be taken again and again.
   *
   * @throws SqlCacheError `rejected`, `aborted`
   */
  hold(request: HoldLocks): Promise<HoldOutcome>;
}

/** How taking locks ended. */
export type HoldOutcome =
  /** All are the caller's until the time that was asked for. */
  | {
      readonly kind: 'held';
      /**
       * Those that were not as the same owner had left them with a call of the same `ms`: never held,
       * or changed since. Clouddriver changes a lock when its agent has ended, whoever holds it.
       */
      readonly disturbed: readonly string[];
    }
  /** The database has no locks: nobody schedules agents there. */
  | { readonly kind: 'noTable' };

/** Which locks, and until when. */
export interface HoldLocks {
  /** Names of caching agents; at most 500 characters each. */
  readonly agents: readonly string[];
  /** Who holds them, for people; at most 100 characters. */
  readonly owner: string;
  /** How long they are held, in ms. */
  readonly ms: number;
}
