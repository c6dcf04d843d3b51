/**
 * Keeps every feed's rows compared with its cluster: soon after an agent has begun to feed an
 * account, and then every so often. A few feeds at a time, so that nobody notices.
 */
import { SqlCacheError } from '@fairlead/sql-cache';
import { type OpenedFeed } from './account-feeds.ts';
import { type FeedIntake } from './feed-intake.ts';
import {
  verifyFeed,
  type VerificationDeps,
  type VerificationOutcome,
  type VerificationRequest,
} from './feed-verification.ts';
import { type BridgeSays } from './link-session.ts';

/** An account whose agent can be asked. */
export interface AuditedAccount {
  /** Its name. */
  readonly name: string;
  /** Its rows. */
  readonly writer: {
    readonly epoch: number;
    feeds(): readonly OpenedFeed[];
    flushed(): Promise<void>;
  };
  /** Asks its agent. */
  readonly send: (message: BridgeSays) => void;
}

/** What it works with. */
export interface AntiEntropyDeps extends VerificationDeps {
  /** Time. */
  readonly clock: VerificationDeps['clock'] & { nowMs(): number };
  /** Chance. */
  readonly random: { next(): number };
  /** Accounts whose agents can be asked, at this moment. */
  readonly accounts: () => readonly AuditedAccount[];
  /** How often a feed is looked at, in ms; 0 = never. */
  readonly intervalMs: number;
  /** Logs and metrics. */
  readonly events: {
    /** A feed was compared with its cluster. */
    feedVerified(account: string, type: string, outcome: VerificationOutcome): void;
  };
}

/** What is remembered of a feed; it goes with the feed. */
interface Plan {
  dueMs: number;
  isRunning: boolean;
  /** It was to be soon while it was running: what it has read may be older. */
  isHastened: boolean;
  /** What the last repair was for, or has not mended. */
  knownDifference: string;
  /** How often in a row that was found again. */
  timesTheSame: number;
}

/** Feeds compared at once, of all accounts: each costs the database a scan of its rows. */
const atOnce = 2;
/** Feeds that wait for late deltas beside these: each costs 20 bytes of memory a row. */
const mostAside = 8;
/**
 * How long a difference may wait for deltas that explain it, in ms: a watch that has fallen silent
 * is noticed within 90 s, and what it had missed comes then. A quiet feed says nothing for as long.
 */
const longestSettleMs = 100_000;
/** Who compares more often than that wants to know soon; a busy database is not that far behind. */
const shortestSettleMs = 5_000;
/** How often is looked which feeds are due, in ms, at most. */
const maxTickMs = 5_000;
/** A feed that has just begun is compared within so long, in ms, so that a fleet is spread. */
const firstWithinMs = 60_000;
/** What disturbed an account is over by then, in ms, for the most part: it tells again when it ends. */
const hastenedMs = 5_000;
/**
 * When a feed is looked at again, in ms, at the latest after the interval: what failed sooner, and
 * what was repaired at once, to see what of the difference a repair does not mend.
 */
const pausesMs: Readonly<Record<VerificationOutcome['kind'], number>> = {
  equal: Infinity,
  sameDifference: Infinity,
  failed: 300_000,
  repaired: 1_000,
};
/** A difference that a repair did not mend is repaired anew after so many comparisons: once a day. */
const mostTimesTheSame = 24;

/** The comparisons of one bridge. */
export class AntiEntropy {
  readonly #deps: AntiEntropyDeps;
  readonly #plans = new WeakMap<FeedIntake, Plan>();
  #running = 0;
  #aside = 0;

  constructor(deps: AntiEntropyDeps) {
    this.#deps = deps;
  }

  /** Compares until the signal says stop. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs } = this.#deps;
    if (intervalMs === 0) return;
    const tickMs = Math.min(maxTickMs, Math.ceil(intervalMs / 4));
    while (!signal.aborted) {
      this.#begin();
      await clock.sleep(tickMs, signal).catch(() => undefined);
    }
  }

  /** Compares an account's feeds soon: somebody else has probably written its rows. */
  hasten(name: string): void {
    const nowMs = this.#deps.clock.nowMs();
    for (const account of this.#deps.accounts().filter((each) => each.name === name)) {
      for (const { intake } of account.writer.feeds()) {
        const plan = this.#planOf(intake, nowMs);
        plan.dueMs = Math.min(plan.dueMs, nowMs + hastenedMs);
        plan.isHastened = plan.isRunning;
      }
    }
  }

  /** Begins with those that are due, the longest due first. */
  #begin(): void {
    const nowMs = this.#deps.clock.nowMs();
    const due = this.#deps
      .accounts()
      .flatMap((account) => account.writer.feeds().map((feed) => ({ account, feed })))
      .filter(({ feed }) => isComparable(feed))
      .map((each) => ({ ...each, plan: this.#planOf(each.feed.intake, nowMs) }))
      .filter(({ plan }) => !plan.isRunning && plan.dueMs <= nowMs)
      .sort((a, b) => a.plan.dueMs - b.plan.dueMs);
    for (const each of due.slice(0, Math.max(0, atOnce - this.#running))) void this.#verify(each);
  }

  #planOf(intake: FeedIntake, nowMs: number): Plan {
    const known = this.#plans.get(intake);
    if (known !== undefined) return known;
    const { random, intervalMs } = this.#deps;
    const dueMs = nowMs + random.next() * Math.min(firstWithinMs, intervalMs);
    const plan: Plan = {
      ...{ dueMs, isRunning: false, isHastened: false },
      ...{ knownDifference: '', timesTheSame: 0 },
    };
    this.#plans.set(intake, plan);
    return plan;
  }

  async #verify({
    account,
    feed: { intake },
    plan,
  }: {
    readonly account: AuditedAccount;
    readonly feed: OpenedFeed;
    readonly plan: Plan;
  }): Promise<void> {
    const { events, clock } = this.#deps;
    plan.isRunning = true;
    this.#running += 1;
    const outcome = await this.#outcomeOf({
      intake,
      epoch: account.writer.epoch,
      flushed: () => account.writer.flushed(),
      send: account.send,
      knownDifference: plan.knownDifference,
      settleMs: Math.min(longestSettleMs, Math.max(shortestSettleMs, this.#deps.intervalMs)),
      aside: (waiting) => this.#letOthers(waiting),
    });
    this.#running -= 1;
    plan.isRunning = false;
    this.#plan(plan, outcome);
    if (outcome.kind !== 'failed') intake.verified(clock.nowMs());
    events.feedVerified(account.name, intake.type, outcome);
    // Others may be due already.
    this.#begin();
  }

  /** What only waits holds up nobody, as far as there is memory for it. */
  async #letOthers(waiting: Promise<void>): Promise<void> {
    if (this.#aside >= mostAside) return waiting;
    this.#aside += 1;
    this.#running -= 1;
    this.#begin();
    await waiting;
    this.#running += 1;
    this.#aside -= 1;
  }

  async #outcomeOf(request: VerificationRequest): Promise<VerificationOutcome> {
    try {
      return await verifyFeed(request, this.#deps);
    } catch (error: unknown) {
      // Nothing was changed; the next comparison finds what this one would have.
      const reason = error instanceof SqlCacheError ? `database: ${error.code}` : String(error);
      return { kind: 'failed', reason };
    }
  }

  #plan(plan: Plan, outcome: VerificationOutcome): void {
    const { clock, random, intervalMs } = this.#deps;
    const usualMs = Math.min(pausesMs[outcome.kind], intervalMs);
    const pauseMs = plan.isHastened ? Math.min(hastenedMs, usualMs) : usualMs;
    plan.isHastened = false;
    // A little more or less, so that the feeds of a fleet do not come together.
    plan.dueMs = clock.nowMs() + pauseMs * (0.9 + random.next() / 5);
    if (outcome.kind === 'failed') return;
    plan.timesTheSame = outcome.kind === 'sameDifference' ? plan.timesTheSame + 1 : 0;
    if (outcome.kind === 'repaired') plan.knownDifference = outcome.difference;
    const isForgotten = plan.timesTheSame >= mostTimesTheSame;
    if (outcome.kind === 'equal' || isForgotten) plan.knownDifference = '';
  }
}

/** Only what watches has a place in time; another feed's rows are that feed's business. */
function isComparable({ intake, condition, shadowedBy }: OpenedFeed): boolean {
  return condition === 'watching' && shadowedBy === undefined && !intake.isInSnapshot;
}
