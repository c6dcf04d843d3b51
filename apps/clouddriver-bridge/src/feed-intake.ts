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
import { type DeltaRecord, type OpenFeed } from '@fairlead/protocol';
import { type DeadLetter, type FeedCheckpoint, type RowKey } from '@fairlead/sql-cache';
import { letterOfObject, type ObjectRecord } from './put-aside.ts';
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
}

const taken: DeltaOutcome = { kind: 'taken' };
const putAside: DeltaOutcome = { kind: 'putAside' };

/** One feed of one account under one epoch. */
export class FeedIntake {
  /** The feed as the agent opened it. */
  readonly feed: OpenFeed;
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

  constructor(
    feed: OpenFeed,
    start: { readonly context: ProjectionContext; readonly stored: FeedProgress | undefined },
  ) {
    this.feed = feed;
    this.#context = start.context;
    const apiVersion = feed.group === '' ? feed.version : `${feed.group}/${feed.version}`;
    this.type = spinnakerKind(apiVersion, feed.kind);
    this.agent = cachingAgentName(feed.account, this.type);
    this.#isStored = start.stored !== undefined;
    this.#progress = start.stored ?? { resourceVersion: '', asOfMs: 0 };
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
        this.#seen = new SeenIds();
        this.#rememberUnfinished(unit, record.readAtMs);
        return taken;
      case 'initApplied':
      case 'applied':
        return this.#apply(record, unit);
      case 'deleted':
        unit.delete(this.rowKey(record));
        this.#advance(record, unit);
        return taken;
      case 'checkpoint':
        this.#advance(record, unit);
        return taken;
      case 'keptObjects':
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
    this.#snapshotEnd = undefined;
    if (end !== undefined) this.#advance(end, unit);
  }

  /** The row of an object of this feed. */
  rowKey({ namespace, name }: { readonly namespace: string; readonly name: string }): RowKey {
    const { type, agent } = this;
    const id = infrastructureKey({ kind: type, account: this.feed.account, namespace, name });
    return { type, id, agent };
  }

  #apply(record: DeltaRecord, unit: UnitBuilder): DeltaOutcome {
    const key = this.rowKey(record);
    // What cannot be projected exists all the same: its old row is not swept.
    this.#seen?.add(key.id);
    this.#advance(record, unit);
    const projected = this.#write(record, unit);
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

  /** Within a snapshot the checkpoint stays: only a whole one can be gone on from. */
  #advance(record: DeltaRecord, unit: UnitBuilder): void {
    if (this.#seen !== undefined || record.resourceVersion === '') return;
    const asOfMs = Math.max(record.readAtMs, this.#progress.asOfMs);
    this.#progress = { resourceVersion: record.resourceVersion, asOfMs };
    this.#isStored = true;
    unit.checkpoint(this.#checkpoint());
  }

  /** A first snapshot that never ends still leaves rows, which somebody must know to retire. */
  #rememberUnfinished(unit: UnitBuilder, asOfMs: number): void {
    if (this.#isStored) return;
    this.#isStored = true;
    this.#progress = { resourceVersion: '', asOfMs };
    unit.checkpoint(this.#checkpoint());
  }

  #checkpoint(): FeedCheckpoint {
    const { group, version, resource, kind, namespaced, namespace } = this.feed;
    const { resourceVersion, asOfMs } = this.#progress;
    const { type } = this;
    return { group, version, resource, kind, namespaced, namespace, type, resourceVersion, asOfMs };
  }
}
