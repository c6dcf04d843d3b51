/**
 * What one feed's deltas mean for the rows: projects objects, keeps the snapshot in progress, moves
 * the checkpoint. Synchronous and without I/O; the account's writer commits what it gathers.
 */
import {
  cachingAgentName,
  infrastructureKey,
  ModelError,
  ObjectProjector,
  spinnakerKind,
  type Projection,
  type ProjectionContext,
} from '@fairlead/clouddriver-model';
import {
  hashObjectVersion,
  ProtocolError,
  type DeltaRecord,
  type OpenFeed,
} from '@fairlead/protocol';
import { type DeadLetter, type RowKey } from '@fairlead/sql-cache';
import { type AheadObject, type AheadOutcome } from './ahead-object.ts';
import { type FeedAudit } from './feed-audit.ts';
import { FeedPosition, type FeedProgress, type PositionStart } from './feed-position.ts';
import { type KnownRows } from './known-rows.ts';
import { letterOfObject, type ObjectRecord } from './put-aside.ts';
import { type RepairTally } from './repair-tally.ts';
import { isAfter, isOrdered } from './resource-order.ts';
import { SnapshotRows } from './snapshot-rows.ts';
import { type UnitBuilder } from './unit-builder.ts';

/** What came of a delta. */
export type DeltaOutcome =
  | /** It is in the unit. */ { readonly kind: 'taken' }
  | /** It cannot become a row, and the letter about it is in the unit. */ {
      readonly kind: 'putAside';
    }
  | /** The row is newer: it was written ahead of the feed. */ { readonly kind: 'outdated' }
  | /** The snapshot is complete: commit, sweep, then {@link FeedIntake.finishSnapshot}. */ {
      readonly kind: 'snapshotComplete';
    };

/** Where a feed begins, and what its objects are projected by. */
export interface IntakeStart extends PositionStart {
  /** Facts of the account. */
  readonly context: ProjectionContext;
  /** Time. @defaultValue it stands still */
  readonly clock?: { nowMs(): number };
}

const taken: DeltaOutcome = { kind: 'taken' };
const putAside: DeltaOutcome = { kind: 'putAside' };
const outdated: DeltaOutcome = { kind: 'outdated' };

/** One feed of one account under one epoch. */
export class FeedIntake {
  /** The feed as the agent opened it. */
  readonly feed: OpenFeed;
  /** apiVersion of its objects. */
  readonly apiVersion: string;
  /** Spinnaker kind, which is the rows' type. */
  readonly type: string;
  /** Clouddriver's caching agent that owns the rows. */
  readonly agent: string;
  readonly #projector: ObjectProjector;
  readonly #clock: { nowMs(): number };
  readonly #position: FeedPosition;
  #seen: SnapshotRows | undefined;
  /** Nothing of the feed is believed to be stored, but for what its present snapshot has named. */
  #isUnstored: boolean;
  #snapshotEnd: DeltaRecord | undefined;
  /** Snapshots that began with a question. */
  #asked = 0;
  #verifiedAtMs = 0;
  #known: KnownRows | undefined;
  #audit: FeedAudit | undefined;
  #repair: RepairTally | undefined;

  constructor(feed: OpenFeed, start: IntakeStart) {
    this.feed = feed;
    this.#projector = new ObjectProjector(start.context);
    this.#clock = start.clock ?? { nowMs: () => 0 };
    this.apiVersion = feed.group === '' ? feed.version : `${feed.group}/${feed.version}`;
    this.type = spinnakerKind(this.apiVersion, feed.kind);
    this.agent = cachingAgentName(feed.account, this.type);
    this.#position = new FeedPosition(feed, this.type, start);
    this.#isUnstored = start.stored === undefined;
  }

  /** Where the feed is in the database. */
  get committed(): FeedProgress {
    return this.#position.committed;
  }

  /** Where a feed begins that replaces this one. */
  get successor(): PositionStart {
    const { committed: stored, resourceVersion: notBefore, ahead } = this.#position;
    return { stored, notBefore, ahead };
  }

  /** Rows of it may be stored, whatever the database knows of the feed. */
  expectStored(): void {
    this.#isUnstored = false;
  }

  /** Remembers what was taken so far; call what it answers when that is in the database. */
  mark(): () => void {
    return this.#position.mark();
  }

  /** Whether a snapshot has begun and is not complete. */
  get isInSnapshot(): boolean {
    return this.#seen !== undefined;
  }

  /** Takes a delta into the unit. */
  take(record: DeltaRecord, unit: UnitBuilder): DeltaOutcome {
    switch (record.type) {
      case 'init':
      case 'initOver':
        this.#begin(record, unit);
        return taken;
      case 'initApplied':
      case 'applied':
        return this.#apply(record, unit);
      case 'deleted':
        return this.#delete(record, unit);
      case 'checkpoint':
        this.#advance(record, unit);
        this.#audit?.passed(record.resourceVersion);
        return taken;
      case 'keptObjects':
        this.#keep(record);
        return taken;
      case 'initDone':
        this.#snapshotEnd = record;
        return { kind: 'snapshotComplete' };
      case 'initDoneUnswept':
        // Something in it could not be read, not even its name: any row may be that object's.
        this.#snapshotEnd = record;
        this.finishSnapshot(unit);
        return taken;
    }
  }

  /**
   * Takes an object as it was found beside the feed. While a snapshot is under way it cannot be told
   * whether it is older than what the snapshot has brought.
   */
  takeAhead(found: AheadObject, unit: UnitBuilder): AheadOutcome {
    const { resourceVersion: at } = found;
    if (!isOrdered(at)) return 'unordered';
    const reached = this.#position.orderedVersion;
    if (this.isInSnapshot || reached === undefined) return 'later';
    if (!isAfter(at, reached)) return 'passed';
    const { ahead } = this.#position;
    const key = this.rowKey(found);
    const nowMs = this.#clock.nowMs();
    if (ahead.isAtOrPast(key.id, at, nowMs)) return 'passed';
    if (!ahead.hasRoomFor(key.id, nowMs)) return 'later';
    ahead.add(key.id, { resourceVersion: at, writtenAtMs: nowMs });
    this.#position.checkpoint(unit);
    this.#audit?.disturb();
    return this.#writeFound(found, key, unit);
  }

  /** Whether a row stands in the snapshot that is complete, or is newer than it. */
  isSeen(id: string): boolean {
    if (this.#seen === undefined || this.#seen.has(id)) return true;
    const end = this.#snapshotEnd?.resourceVersion ?? '';
    return this.#position.ahead.isPast(id, end, this.#clock.nowMs());
  }

  /** Rows that a first snapshot has brought; `undefined` if it is none, or they may not all be there. */
  get broughtRows(): number | undefined {
    return this.#isUnstored ? this.#seen?.brought : undefined;
  }

  /** Ends a snapshot: its checkpoint goes into the unit with the last rows swept, if any are. */
  finishSnapshot(unit: UnitBuilder): void {
    const end = this.#snapshotEnd;
    this.#seen = undefined;
    this.#isUnstored = false;
    this.#known = undefined;
    this.#snapshotEnd = undefined;
    if (end !== undefined) this.#position.endSnapshot(end, unit);
    this.#repair?.complete();
    this.#repair = undefined;
  }

  /** So many rows went that the snapshot did not name. */
  swept(rows: number): void {
    this.#repair?.went(rows);
  }

  /** The agent asks what is stored; answers which snapshot it asks for, from 1. */
  ask(): number {
    this.#asked += 1;
    return this.#asked;
  }

  /** When its rows were last found to be what the cluster holds, epoch milliseconds; 0 if never. */
  get verifiedAtMs(): number {
    return this.#verifiedAtMs;
  }

  /** Its rows are what the cluster holds. */
  verified(nowMs: number): void {
    this.#verifiedAtMs = nowMs;
  }

  /** Which of its snapshots asked what is stored, and has not been told; 0 for none. */
  get askedSnapshot(): number {
    return this.isInSnapshot && this.#known === undefined ? this.#asked : 0;
  }

  /** What the agent is told before the rest of a snapshot comes; false if it is another one by now. */
  tell(snapshot: number, known: KnownRows): boolean {
    if (snapshot === 0 || this.askedSnapshot !== snapshot) return false;
    this.#known = known;
    return true;
  }

  /** Is told from now on what the deltas do to the rows; a new one ends the one before. */
  beginAudit(audit: FeedAudit): void {
    this.endAudit('begun anew');
    this.#audit = audit;
    // Rows may be read that are newer than what the cluster's cache will answer.
    if (!this.#position.ahead.isEmpty) audit.disturb();
  }

  /** The comparison under way, if there is one. */
  get audit(): FeedAudit | undefined {
    return this.#audit;
  }

  /** Ends the comparison under way. */
  endAudit(reason: string): void {
    this.#audit?.fail(reason);
    this.#audit = undefined;
  }

  /** The next snapshot is a repair, and is counted. */
  beginRepair(repair: RepairTally): void {
    this.endRepair();
    this.#repair = repair;
  }

  /** The repair under way will not end. */
  endRepair(): void {
    this.#repair?.giveUp();
    this.#repair = undefined;
  }

  /** The feed is closed. */
  close(): void {
    this.endAudit('the feed was closed');
    this.endRepair();
  }

  /** The row of an object of this feed. */
  rowKey({ namespace, name }: { readonly namespace: string; readonly name: string }): RowKey {
    const { type, agent } = this;
    const id = infrastructureKey({ kind: type, account: this.feed.account, namespace, name });
    return { type, id, agent };
  }

  #begin(record: DeltaRecord, unit: UnitBuilder): void {
    // What a snapshot that did not end had named is stored.
    this.#isUnstored &&= this.#seen === undefined;
    this.#seen = new SnapshotRows();
    this.#known = undefined;
    // What the rows hold is about to be known better.
    this.endAudit('a snapshot begins');
    this.#repair?.begin();
    this.#position.beginSnapshot(record.readAtMs, unit);
  }

  /** Rows of objects that the agent did not send, since they are in SQL as they are. */
  #keep(record: DeltaRecord): void {
    const [known, seen] = [this.#known, this.#seen];
    // Without the list that the agent answers to, these rows would be taken for gone.
    if (known === undefined || seen === undefined) {
      throw new ProtocolError('badDigest', 'objects were kept that nobody had told of');
    }
    for (const id of known.ids(record.object)) seen.addWords(id);
  }

  #delete(record: DeltaRecord, unit: UnitBuilder): DeltaOutcome {
    const key = this.rowKey(record);
    const { resourceVersion } = record;
    const isOutdated = this.#isOutdated(key.id, resourceVersion);
    this.#advance(record, unit);
    this.#seen?.lose();
    if (isOutdated) return this.#skip(resourceVersion);
    unit.delete({ ...key, resourceVersion });
    this.#audit?.changed(key.id, resourceVersion);
    return taken;
  }

  /** Whether it is older than the row, which was written ahead of the feed. */
  #isOutdated(id: string, resourceVersion: string): boolean {
    const { ahead } = this.#position;
    return !ahead.isEmpty && ahead.isPast(id, resourceVersion, this.#clock.nowMs());
  }

  #skip(resourceVersion: string): DeltaOutcome {
    this.#audit?.passed(resourceVersion);
    return outdated;
  }

  #apply(record: DeltaRecord, unit: UnitBuilder): DeltaOutcome {
    const key = this.rowKey(record);
    // What cannot be projected exists all the same: its old row is not swept.
    const isUnseen = this.#seen?.add(key.id) === true;
    if (this.#known !== undefined) this.#repair?.came(record, this.#known.before(key.id));
    const isOutdated = this.#isOutdated(key.id, record.resourceVersion);
    this.#advance(record, unit);
    if (isOutdated) return this.#skip(record.resourceVersion);
    const projected = this.#write(record, unit, this.#isUnstored && isUnseen);
    if (this.#audit !== undefined) tellAudit(this.#audit, { key, record, projected });
    if (projected === undefined) return putAside;
    const isFirst = projected.id === key.id ? isUnseen : this.#seen?.add(projected.id) === true;
    if (!projected.ignored && isFirst) this.#seen?.bring();
    if (projected.ignored && !isUnseen) this.#seen?.lose();
    return taken;
  }

  /** Takes an object that was put aside once more; neither checkpoint nor snapshot know of it. */
  retry(record: ObjectRecord, unit: UnitBuilder): void {
    this.#write(record, unit);
  }

  #writeFound(found: AheadObject, key: RowKey, unit: UnitBuilder): AheadOutcome {
    const { object, resourceVersion } = found;
    if (object === undefined) {
      unit.delete({ ...key, resourceVersion });
      this.#audit?.changed(key.id, resourceVersion);
      return 'taken';
    }
    const record = { ...found, object };
    const projected = this.#write(record, unit);
    if (this.#audit !== undefined) tellAudit(this.#audit, { key, record, projected });
    return projected === undefined ? 'putAside' : 'taken';
  }

  /** The row into the unit, or the letter; `undefined` when there is no row. */
  #write(record: ObjectRecord, unit: UnitBuilder, isNew = false): Projection | undefined {
    const key = this.rowKey(record);
    const projected = this.#project(record.object);
    if (typeof projected === 'string') {
      unit.putAside(this.#letterOf(record, key.id, projected));
      return undefined;
    }
    if (projected.ignored) unit.delete(key);
    else unit.upsert(projected, isNew);
    return projected;
  }

  #letterOf(record: ObjectRecord, rowId: string, reason: string): DeadLetter {
    const { feed, type } = this;
    return letterOfObject({ account: feed.account, feed, type, rowId }, record, reason);
  }

  /** The projection, or why there is none: from a bounded set. */
  #project(object: Uint8Array): Projection | string {
    if (object.byteLength === 0) return 'notRead';
    try {
      const projection = this.#projector.project(object);
      // A row of another type would be out of reach of this feed's sweeps.
      return projection.type === this.type ? projection : 'otherKind';
    } catch (error: unknown) {
      if (error instanceof ModelError) return error.code;
      throw error;
    }
  }

  /** Within a snapshot the checkpoint stays: only a whole one can be gone on from. */
  #advance(record: DeltaRecord, unit: UnitBuilder): void {
    if (this.#seen === undefined) this.#position.advance(record, unit);
  }
}

/** What became of a row; one whose object was put aside stays as it is. */
function tellAudit(
  audit: FeedAudit,
  change: {
    readonly key: RowKey;
    readonly record: ObjectRecord;
    readonly projected: Projection | undefined;
  },
): void {
  const { key, record, projected } = change;
  const { resourceVersion } = record;
  if (projected === undefined) audit.passed(resourceVersion);
  else if (projected.ignored) audit.changed(key.id, resourceVersion);
  else audit.changed(key.id, resourceVersion, hashObjectVersion(record));
}
