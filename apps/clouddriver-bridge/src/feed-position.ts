/**
 * Where one feed has got to, with which rows are newer than that: what its checkpoint says. It moves
 * with the feed's deltas, and is in the database with the unit that they are in.
 */
import { type DeltaRecord, type OpenFeed } from '@fairlead/protocol';
import { type FeedCheckpoint } from '@fairlead/sql-cache';
import { AheadRows } from './ahead-rows.ts';
import { isAfter, isOrdered } from './resource-order.ts';
import { type UnitBuilder } from './unit-builder.ts';

/** Where a feed has got to. */
export interface FeedProgress {
  /** The resourceVersion of the newest delta taken; `''` before the first snapshot is complete. */
  readonly resourceVersion: string;
  /** When the agent had read it, epoch milliseconds by its clock; 0 if never. */
  readonly asOfMs: number;
  /** Policy of all rows of the feed; `''` if they are not known to be of one. */
  readonly policy: string;
}

/** Where a feed begins. */
export interface PositionStart {
  /** What the database has; `undefined` for a feed that it does not know. */
  readonly stored: FeedProgress | undefined;
  /** Rows that are newer than that. */
  readonly ahead?: AheadRows | undefined;
  /**
   * What a feed before this one had got to, which may not be in the database yet; `''` for none.
   * @defaultValue `''`
   */
  readonly notBefore?: string;
}

/** Where one feed is. */
export class FeedPosition {
  /** Rows that are newer than the feed. */
  readonly ahead: AheadRows;
  readonly #feed: OpenFeed;
  readonly #type: string;
  readonly #notBefore: string;
  #isStored: boolean;
  #now: FeedProgress;
  #committed: FeedProgress;

  constructor(feed: OpenFeed, type: string, start: PositionStart) {
    this.#feed = feed;
    this.#type = type;
    this.#notBefore = start.notBefore ?? '';
    this.ahead = start.ahead ?? new AheadRows();
    this.#isStored = start.stored !== undefined;
    this.#now = progressIn(start.stored) ?? { resourceVersion: '', asOfMs: 0, policy: feed.policy };
    this.#committed = this.#now;
  }

  /** The newest resourceVersion taken; `''` before the first snapshot is complete. */
  get resourceVersion(): string {
    return this.#now.resourceVersion;
  }

  /**
   * The same, if all rows are of that time or were written ahead, and there is an order: then it can
   * be told of any other version whether it is newer.
   */
  get orderedVersion(): string | undefined {
    const { resourceVersion } = this.#now;
    const isBehind = isAfter(this.#notBefore, resourceVersion);
    return isOrdered(resourceVersion) && !isBehind ? resourceVersion : undefined;
  }

  /** Where the feed is in the database. */
  get committed(): FeedProgress {
    return this.#committed;
  }

  /** Remembers what was taken so far; call what it answers when that is in the database. */
  mark(): () => void {
    const progress = this.#now;
    return () => {
      this.#committed = progress;
    };
  }

  /** A delta was taken that is no part of a snapshot, or ends one. */
  advance(record: DeltaRecord, unit: UnitBuilder): void {
    const { resourceVersion } = record;
    if (resourceVersion === '') return;
    const asOfMs = Math.max(record.readAtMs, this.#now.asOfMs);
    // Agents that do not tell their policy may go on where one had stopped that does.
    const policy = this.#now.policy === this.#feed.policy ? this.#feed.policy : '';
    this.#now = { resourceVersion, asOfMs, policy };
    this.#isStored = true;
    this.ahead.reached(resourceVersion);
    this.checkpoint(unit);
  }

  /** A snapshot begins. A first one that never ends still leaves rows, which somebody must retire. */
  beginSnapshot(asOfMs: number, unit: UnitBuilder): void {
    const { policy } = this.#feed;
    if (this.#isStored) {
      if (this.#now.policy === policy || this.#now.policy === '') return;
      // From here on until the end there are rows of two policies.
      this.#now = { ...this.#now, policy: '' };
    } else {
      this.#isStored = true;
      this.#now = { resourceVersion: '', asOfMs, policy };
    }
    this.checkpoint(unit);
  }

  /** A snapshot ends; after one that was not swept there may be rows of before. */
  endSnapshot(end: DeltaRecord, unit: UnitBuilder): void {
    if (end.type === 'initDone') this.#now = { ...this.#now, policy: this.#feed.policy };
    this.advance(end, unit);
  }

  /** The checkpoint goes into the unit. */
  checkpoint(unit: UnitBuilder): void {
    unit.checkpoint(this.#checkpoint());
  }

  #checkpoint(): FeedCheckpoint {
    const { group, version, resource, kind, namespaced, namespace } = this.#feed;
    const name = { group, version, resource, kind, namespaced, namespace };
    return { ...name, type: this.#type, ...this.#now, ahead: this.ahead.text };
  }
}

/** The progress alone: what is stored holds more. */
function progressIn(stored: FeedProgress | undefined): FeedProgress | undefined {
  if (stored === undefined) return undefined;
  const { resourceVersion, asOfMs, policy } = stored;
  return { resourceVersion, asOfMs, policy };
}
