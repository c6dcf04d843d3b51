/** The feeds of one account under one epoch: which are open, what each is doing, what each covers. */
import {
  cachingAgentName,
  parseInfrastructureKey,
  spinnakerKind,
  type Projection,
  type ProjectionContext,
} from '@fairlead/clouddriver-model';
import { FeedState, type FeedStatus, type OpenFeed, type RetireFeed } from '@fairlead/protocol';
import { type DeadLetter, type RowKey, type StoredFeed } from '@fairlead/sql-cache';
import { AheadRows } from './ahead-rows.ts';
import { FeedIntake } from './feed-intake.ts';
import { type PositionStart } from './feed-position.ts';
import { letterOfRow } from './put-aside.ts';
import { feedKey } from './unit-builder.ts';

/** What a feed is doing, in the words of the API. */
export type FeedCondition =
  | 'discovering'
  | 'listing'
  | 'watching'
  | 'expired'
  | 'lost'
  | 'forbidden'
  | 'retired'
  | /** Another feed of the account writes the same rows; this one is not stored. */ 'shadowed';

/** An open feed. */
export interface OpenedFeed {
  /** What its deltas mean. */
  readonly intake: FeedIntake;
  /** The feed that writes the same rows, if there is one: then nothing of this one is stored. */
  readonly shadowedBy: string | undefined;
  /** As the agent says. */
  readonly condition: FeedCondition;
  /** Why; `''` when all is well. */
  readonly reason: string;
  /** Since when, epoch milliseconds by the agent's clock. */
  readonly sinceMs: number;
}

const conditions: Readonly<Record<FeedState, FeedCondition>> = {
  [FeedState.UNSPECIFIED]: 'discovering',
  [FeedState.DISCOVERING]: 'discovering',
  [FeedState.LISTING]: 'listing',
  [FeedState.WATCHING]: 'watching',
  [FeedState.EXPIRED]: 'expired',
  [FeedState.LOST]: 'lost',
  [FeedState.FORBIDDEN]: 'forbidden',
  [FeedState.RETIRED]: 'retired',
};

/** The feeds of one account. */
export class AccountFeeds {
  readonly #context: ProjectionContext;
  readonly #clock: { nowMs(): number };
  readonly #stored: ReadonlyMap<string, StoredFeed>;
  readonly #open = new Map<number, OpenedFeed>();
  /** Closed, but batches of them may still wait. */
  readonly #closing = new Map<number, OpenedFeed>();

  constructor(
    context: ProjectionContext,
    stored: readonly StoredFeed[],
    clock: { nowMs(): number },
  ) {
    this.#context = context;
    this.#clock = clock;
    this.#stored = new Map(stored.map((feed) => [feedKey(feed), feed]));
  }

  /** All open feeds. */
  all(): readonly OpenedFeed[] {
    return [...this.#open.values()];
  }

  /** One feed, also one that was closed after its batches came. */
  get(feedId: number): OpenedFeed | undefined {
    return this.#open.get(feedId) ?? this.#closing.get(feedId);
  }

  /** Feeds of one lane follow each other over the same rows: their batches keep their order. */
  laneOf(feedId: number): string {
    const feed = this.get(feedId);
    return feed === undefined ? `${feedId}` : feedKey(feed.intake.feed);
  }

  /** Rows were found that no feed was known to have stored. */
  expectStored(): void {
    for (const { intake } of this.all()) intake.expectStored();
  }

  /** Nothing more comes of any feed. */
  close(): void {
    for (const { intake } of this.all()) intake.close();
  }

  /** No batch waits any more. */
  forgetClosed(): void {
    this.#closing.clear();
  }

  /**
   * Opens a feed. One of the same name is replaced (its version may have changed). Answers what it
   * is shadowed by: two API groups may serve the same kind of Clouddriver's, and two feeds that
   * sweep the same rows would delete each other's.
   */
  open(feed: OpenFeed): OpenedFeed {
    const replaced = this.#closeNamed(feedKey(feed));
    const intake = new FeedIntake(feed, {
      ...{ context: this.#context, clock: this.#clock },
      ...(replaced?.intake.successor ?? startOf(this.#stored.get(feedKey(feed)))),
    });
    const other = this.all().find(
      (each) =>
        each.shadowedBy === undefined &&
        each.intake.type === intake.type &&
        overlaps(each.intake.feed.namespace, feed.namespace),
    );
    const shadowedBy = other && `${other.intake.feed.resource}.${other.intake.feed.group}`;
    const opened: OpenedFeed = {
      intake,
      shadowedBy,
      condition: shadowedBy === undefined ? 'discovering' : 'shadowed',
      reason: shadowedBy === undefined ? '' : `the same rows come from ${shadowedBy}`,
      sinceMs: this.#clock.nowMs(),
    };
    this.#open.set(feed.feedId, opened);
    return opened;
  }

  /** Takes what the agent says of a feed. */
  setStatus(status: FeedStatus): void {
    const feed = this.#open.get(status.feedId);
    if (feed === undefined || feed.shadowedBy !== undefined) return;
    // A newer agent may have states that are not known here.
    const condition = (conditions as Partial<typeof conditions>)[status.state] ?? feed.condition;
    const { reason, sinceMs } = status;
    this.#open.set(status.feedId, { ...feed, condition, reason, sinceMs });
  }

  /** Closes a feed that is gone for good; batches of it that came before are still its own. */
  closeRetired(retired: RetireFeed): void {
    this.#closeNamed(feedKey(retired));
  }

  /** Which rows a feed of that name has had. */
  rowsOf({ group, kind }: RetireFeed): { readonly type: string; readonly agent: string } {
    const type = spinnakerKind(group === '' ? 'v1' : `${group}/v1`, kind);
    return { type, agent: cachingAgentName(this.#context.account, type) };
  }

  /** The feed that brings objects of a type in a namespace (`''`: cluster-scoped), if one is open. */
  ofRow(row: { readonly type: string; readonly namespace: string }): FeedIntake | undefined {
    const feed = this.all().find(
      ({ intake, shadowedBy }) =>
        intake.type === row.type &&
        shadowedBy === undefined &&
        (intake.feed.namespace === '' || intake.feed.namespace === row.namespace),
    );
    return feed?.intake;
  }

  /** The feed that brings objects of a resource type in a namespace, if one is open and stored. */
  ofResource(of: {
    readonly group: string;
    readonly resource: string;
    readonly namespace: string;
  }): FeedIntake | undefined {
    const opened = this.all().find(
      ({ intake: { feed }, shadowedBy }) =>
        feed.group === of.group &&
        feed.resource === of.resource &&
        shadowedBy === undefined &&
        (feed.namespace === '' || feed.namespace === of.namespace),
    );
    return opened?.intake;
  }

  /** The letter about a row that the database refuses. */
  letterOf(row: Projection | RowKey, message: string): DeadLetter {
    const { account } = this.#context;
    const { namespace = '' } = parseInfrastructureKey(row.id) ?? {};
    // A row of a feed that is closed by now is told by its type.
    const closed = { group: '', resource: '', namespace: '', kind: row.type };
    const feed = this.ofRow({ type: row.type, namespace })?.feed ?? closed;
    return letterOfRow({ account, feed }, row, message);
  }

  /** Whether a row of `type` belongs to an open feed. */
  isCovered(type: string, id: string): boolean {
    const namespaces = this.all()
      .filter(({ intake, shadowedBy }) => intake.type === type && shadowedBy === undefined)
      .map(({ intake }) => intake.feed.namespace);
    if (namespaces.length === 0) return false;
    const namespace = parseInfrastructureKey(id)?.namespace;
    return namespaces.includes('') || (namespace !== undefined && namespaces.includes(namespace));
  }

  #closeNamed(key: string): OpenedFeed | undefined {
    for (const [feedId, opened] of this.#open) {
      if (feedKey(opened.intake.feed) !== key) continue;
      this.#open.delete(feedId);
      opened.intake.close();
      this.#closing.set(feedId, opened);
      return opened;
    }
    return undefined;
  }
}

/** Where a feed begins that was not open before. */
function startOf(stored: StoredFeed | undefined): PositionStart {
  return { stored, ahead: AheadRows.from(stored?.ahead ?? '') };
}

function overlaps(namespace: string, other: string): boolean {
  return namespace === '' || other === '' || namespace === other;
}
