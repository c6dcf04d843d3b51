/**
 * Accounts whose data could not be worked with (a batch that is none, a bug of ours): each is taken
 * from its link alone, so that its neighbours go on, and offered anew after a pause that grows.
 */

/** What a quarantine works with. */
export interface AccountQuarantineDeps {
  /** Time. */
  readonly clock: { sleep(ms: number, signal: AbortSignal): Promise<void> };
  /** Whoever is set apart for so long counts as gone: no pause is longer than half of it. */
  readonly gracePeriodMs: number;
}

/** First pause: what was garbled on its way comes again whole. */
export const firstPauseMs = 5000;
/** Longest pause: somebody has to mend the agent, or us, and will look whether it helped. */
export const longestPauseMs = 300_000;

interface Case {
  failures: number;
  pending: AbortController;
}

/** The accounts of all links that have failed. */
export class AccountQuarantine {
  readonly #deps: AccountQuarantineDeps;
  readonly #cases = new Map<string, Map<string, Case>>();

  constructor(deps: AccountQuarantineDeps) {
    this.#deps = deps;
  }

  /**
   * Counts a failure; calls `release` after the pause, unless the account or its link goes before.
   * @returns the pause, ms
   */
  add(linkId: string, account: string, release: () => void): number {
    const ofLink = this.#cases.get(linkId) ?? new Map<string, Case>();
    this.#cases.set(linkId, ofLink);
    const before = ofLink.get(account);
    before?.pending.abort();
    const failures = (before?.failures ?? 0) + 1;
    const pending = new AbortController();
    ofLink.set(account, { failures, pending });
    const grownMs = firstPauseMs * 2 ** Math.min(failures - 1, 16);
    const pauseMs = Math.min(grownMs, longestPauseMs, this.#deps.gracePeriodMs / 2);
    // Ends early only because the account or its link has gone: nothing is to be released then.
    this.#deps.clock.sleep(pauseMs, pending.signal).then(release, () => undefined);
    return pauseMs;
  }

  /** The account was taken back by its agent, or offered anew by it. */
  forget(linkId: string, account: string): void {
    this.#cases.get(linkId)?.get(account)?.pending.abort();
    this.#cases.get(linkId)?.delete(account);
  }

  /** The link is gone, with all its accounts. */
  forgetLink(linkId: string): void {
    for (const { pending } of this.#cases.get(linkId)?.values() ?? []) pending.abort();
    this.#cases.delete(linkId);
  }
}
