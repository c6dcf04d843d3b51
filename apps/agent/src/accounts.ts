/**
 * All accounts of the agent: starts, stops and changes each one alone when the configuration
 * changes, and hands the link and its messages to the accounts concerned.
 */
import type { ApiHandler } from '@fairlead/api-tunnel';
import type { ObjectPolicy } from '@fairlead/watch-engine';
import type { AccountConfig } from './account-config.ts';
import { type AccountSession, type AccountReport, type LinkAttachment } from './account-session.ts';
import type { BatchScheduler } from './batch-scheduler.ts';
import type { FeedMessage, FeedOnLink } from './feed-on-link.ts';
import type { AccountMessage } from './link-session.ts';
import type { Link } from './link.ts';

/** An account and what else it depends on. */
export interface AccountSource {
  /** Its configuration. */
  readonly config: AccountConfig;
  /** Changes when the files that it names have changed. */
  readonly filesDigest: string;
}

/** Makes a session; called for each account that starts. */
export type CreateSession = (config: AccountConfig) => AccountSession;

interface RunningAccount {
  readonly fingerprint: string;
  readonly session: AccountSession;
}

/** The running accounts by name. */
export class Accounts {
  readonly #createSession: CreateSession;
  readonly #schedule: (link: Link) => BatchScheduler;
  readonly #running = new Map<string, RunningAccount>();
  #attachment: LinkAttachment | undefined;

  constructor(createSession: CreateSession, schedule: (link: Link) => BatchScheduler) {
    this.#createSession = createSession;
    this.#schedule = schedule;
  }

  /**
   * Brings the running accounts in line; answers what was done. `policy` concerns them all: when it
   * changes, so does every account.
   */
  reconcile(
    sources: readonly AccountSource[],
    policy: ObjectPolicy,
  ): {
    readonly started: readonly string[];
    readonly stopped: readonly string[];
  } {
    const wanted = new Map(sources.map((source) => [source.config.name, source]));
    const stopped: string[] = [];
    for (const [name, { fingerprint, session }] of [...this.#running]) {
      const source = wanted.get(name);
      if (source !== undefined && fingerprintOf(source, policy) === fingerprint) {
        session.reconfigure(source.config.operations);
        continue;
      }
      const isGone = source === undefined;
      session.stop(`the account ${isGone ? 'is no longer configured' : 'has changed'}`);
      this.#running.delete(name);
      stopped.push(name);
    }
    const started: string[] = [];
    for (const [name, source] of wanted) {
      if (this.#running.has(name)) continue;
      const session = this.#createSession(source.config);
      this.#running.set(name, { fingerprint: fingerprintOf(source, policy), session });
      session.start(this.#attachment);
      started.push(name);
    }
    return { started, stopped };
  }

  /** A link is open: every account offers itself on it. */
  linkUp(link: Link): void {
    const scheduler = this.#schedule(link);
    this.#attachment = { link, scheduler, feedsById: new Map<number, FeedOnLink>() };
    for (const { session } of this.#running.values()) session.linkUp(this.#attachment);
  }

  /** The link is lost: every feed on it stops. */
  linkDown(): void {
    this.#attachment = undefined;
    for (const { session } of this.#running.values()) session.linkDown();
  }

  /** Hands a message on. One about an account or a feed that is gone is dropped. */
  receive(message: AccountMessage): void {
    switch (message.$case) {
      case 'ack':
      case 'knownObjects':
      case 'relistFeed':
      case 'verifyFeed':
        this.#attachment?.feedsById.get(message.value.feedId)?.receive(message);
        return;
      default:
        this.#receiveOfAccount(message);
    }
  }

  #receiveOfAccount(message: Exclude<AccountMessage, FeedMessage>): void {
    const name = message.$case === 'credit' ? message.value.account : message.value.name;
    this.#running.get(name)?.session.receive(message);
  }

  /** Waits until everything read so far is acknowledged, or `signal` aborts. Reads no more. */
  async settle(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ session }) => session.settle(signal)));
  }

  /** Stops all. */
  stop(): void {
    for (const { session } of this.#running.values()) session.stop('the agent stops');
    this.#running.clear();
  }

  /** How many there are. */
  get count(): number {
    return this.#running.size;
  }

  /** Answers requests to the API server of an account; undefined when it is not this agent's. */
  apiOf(account: string): ApiHandler | undefined {
    return this.#running.get(account)?.session.api;
  }

  /** How they are, by name. */
  reports(): AccountReport[] {
    const reports = [...this.#running.values()].map(({ session }) => session.report());
    return reports.sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** What an account must start anew for. What the gateway may do is changed while it runs. */
function fingerprintOf({ config, filesDigest }: AccountSource, policy: ObjectPolicy): string {
  const { operations: _operations, ...rest } = config;
  return JSON.stringify([rest, filesDigest, policy]);
}
