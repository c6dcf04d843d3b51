/**
 * What one feed's deltas mean for the rows: projects objects, keeps the snapshot in progress, moves
 * the checkpoint. Synchronous and without I/O; the account's writer commits what it gathers.
 */
import {
  cachingAgentName,
  infrastructureKey,
  ModelError,
  projectObject,
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
import { type DeadLetter, type FeedCheckpoint, type RowKey } from '@fairlead/sql-cache';
import { type FeedAudit } from './feed-audit.ts';
import { type KnownRows } from './known-rows.ts';
import { letterOfObject, type ObjectRecord } from './put-aside.ts';
import { type RepairTally } from './repair-tally.ts';
import { SeenIds } from './seen-ids.ts';
import { type UnitBuilder } from './unit-builder.ts';

/** What came of a delta. */
export type DeltaOutcome =
  | /** It is in the unit. */ { readonly kind: 'taken' }
  | /** It cannot become a row, and the letter about it is in the unit. */ {
      readonly kind: 'putAside';
    }
  | /** The snapshot is complete: commit, sweep, then {@link FeedIntake.finishSnapshot}. */ {
      readonly kind: 'snapshotComplete';
    };

/** Where a feed has got to. */
export interface FeedProgress {
  /** The resourceVersion of the newest delta taken; `''` before the first snapshot is complete. */
  readonly resourceVersion: string;
  /** When the agent had read it, epoch milliseconds by its clock; 0 if never. */
  readonly asOfMs: number;
  /** Policy of all rows of the feed; `''` if they are not known to be of one. */
  readonly policy: string;
}

const taken: DeltaOutcome = { kind: 'taken' };
const putAside: DeltaOutcome = { kind: 'putAside' };

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
  readonly #context: ProjectionContext;
  #seen: SeenIds | undefined;
  #isStored: boolean;
  #progress: FeedProgress;
  #committed: FeedProgress;
  #snapshotEnd: DeltaRecord | undefined;
  /** Snapshots that began with a question. */
  #asked = 0;
  #verifiedAtMs = 0;
  #known: KnownRows | undefined;
  #audit: FeedAudit | undefined;
  #repair: RepairTally | undefined;

  constructor(
    feed: OpenFeed,
    start: { readonly context: ProjectionContext; readonly stored: FeedProgress | undefined },
  ) {
    this.feed = feed;
    this.#context = start.context;
    this.apiVersion = feed.group === '' ? feed.version : `${feed.group}/${feed.version}`;
    this.type = spinnakerKind(this.apiVersion, feed.kind);
    this.agent = cachingAgentName(feed.account, this.type);
    this.#isStored = start.stored !== undefined;
    this.#progress = start.stored ?? { resourceVersion: '', asOfMs: 0, policy: feed.policy };
    this.#committed = this.#progress;
  }

  /** Where the feed is in the database. */
  get committed(): FeedProgress {
    return this.#committed;
  }

  /** Remembers what was taken so far; call what it answers when that is in the database. */
  mark(): () => void {
    const progress = this.#progress;
    return () => {
      this.#committed = progress;
    };
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
        this.#delete(record, unit);
        return taken;
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

  /** Whether a row stands in the snapshot that is complete. */
  isSeen(id: string): boolean {
    return this.#seen?.has(id) ?? true;
  }

  /** Ends a snapshot: its checkpoint goes into the unit with the last rows swept, if any are. */
  finishSnapshot(unit: UnitBuilder): void {
    const end = this.#snapshotEnd;
    this.#seen = undefined;
    this.#known = undefined;
    this.#snapshotEnd = undefined;
    if (end !== undefined) this.#endSnapshot(end, unit);
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
    this.#seen = new SeenIds();
    this.#known = undefined;
    // What the rows hold is about to be known better.
    this.endAudit('a snapshot begins');
    this.#repair?.begin();
    this.#rememberUnfinished(unit, record.readAtMs);
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

  #delete(record: DeltaRecord, unit: UnitBuilder): void {
    const key = this.rowKey(record);
    unit.delete(key);
    this.#advance(record, unit);
    this.#audit?.changed(key.id, record.resourceVersion);
  }

  #apply(record: DeltaRecord, unit: UnitBuilder): DeltaOutcome {
    const key = this.rowKey(record);
    // What cannot be projected exists all the same: its old row is not swept.
    this.#seen?.add(key.id);
    if (this.#known !== undefined) this.#repair?.came(record, this.#known.before(key.id));
    this.#advance(record, unit);
    const projected = this.#write(record, unit);
    if (this.#audit !== undefined) tellAudit(this.#audit, { key, record, projected });
    if (projected === undefined) return putAside;
    if (projected.id !== key.id) this.#seen?.add(projected.id);
    return taken;
  }

  /** Takes an object that was put aside once more; neither checkpoint nor snapshot know of it. */
  retry(record: ObjectRecord, unit: UnitBuilder): void {
    this.#write(record, unit);
  }

  /** The row into the unit, or the letter; `undefined` when there is no row. */
  #write(record: ObjectRecord, unit: UnitBuilder): Projection | undefined {
    const key = this.rowKey(record);
    const projected = this.#project(record.object);
    if (typeof projected === 'string') {
      unit.putAside(this.#letterOf(record, key.id, projected));
      return undefined;
    }
    if (projected.ignored) unit.delete(key);
    else unit.upsert(projected);
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
      const projection = projectObject(object, this.#context);
      // A row of another type would be out of reach of this feed's sweeps.
      return projection.type === this.type ? projection : 'otherKind';
    } catch (error: unknown) {
      if (error instanceof ModelError) return error.code;
      throw error;
    }
  }

  #endSnapshot(end: DeltaRecord, unit: UnitBuilder): void {
    // After one that was not swept there may be rows of before.
    if (end.type === 'initDone') {
      this.#progress = { ...this.#progress, policy: this.feed.policy };
    }
    this.#advance(end, unit);
  }

  /** Within a snapshot the checkpoint stays: only a whole one can be gone on from. */
  #advance(record: DeltaRecord, unit: UnitBuilder): void {
    if (this.#seen !== undefined || record.resourceVersion === '') return;
    const asOfMs = Math.max(record.readAtMs, this.#progress.asOfMs);
    // Agents that do not tell their policy may go on where one had stopped that does.
    const policy = this.#progress.policy === this.feed.policy ? this.feed.policy : '';
    this.#progress = { resourceVersion: record.resourceVersion, asOfMs, policy };
    this.#isStored = true;
    unit.checkpoint(this.#checkpoint());
  }

  /** A first snapshot that never ends still leaves rows, which somebody must know to retire. */
  #rememberUnfinished(unit: UnitBuilder, asOfMs: number): void {
    const { policy } = this.feed;
    if (this.#isStored) {
      if (this.#progress.policy === policy || this.#progress.policy === '') return;
      // From here on until the end there are rows of two policies.
      this.#progress = { ...this.#progress, policy: '' };
    } else {
      this.#isStored = true;
      this.#progress = { resourceVersion: '', asOfMs, policy };
    }
    unit.checkpoint(this.#checkpoint());
  }

  #checkpoint(): FeedCheckpoint {
    const { group, version, resource, kind, namespaced, namespace } = this.feed;
    const { resourceVersion, asOfMs, policy } = this.#progress;
    const { type } = this;
    const name = { group, version, resource, kind, namespaced, namespace };
    return { ...name, type, resourceVersion, asOfMs, policy };
  }
}

/** What became of a row; one whose object was put aside stays as it is. */
function tellAudit(
  audit: FeedAudit,
  change: {
    readonly key: RowKey;
    readonly record: DeltaRecord;
    readonly projected: Projection | undefined;
  },
): void {
  const { key, record, projected } = change;
  const { resourceVersion } = record;
  if (projected === undefined) audit.passed(resourceVersion);
  else if (projected.ignored) audit.changed(key.id, resourceVersion);
  else audit.changed(key.id, resourceVersion, hashObjectVersion(record));
}
