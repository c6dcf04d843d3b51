/** Gathers what goes into one transaction: of each row and each feed only the last state. */
import { type Projection } from '@fairlead/clouddriver-model';
import {
  type CommitUnit,
  type DeadLetter,
  type FeedCheckpoint,
  type FeedName,
  type RowKey,
} from '@fairlead/sql-cache';

/** When a unit is full; a delta is never split, so it may be passed by one. */
export interface UnitLimits {
  /** Rows written or deleted. */
  readonly maxRows: number;
  /** Bytes of the rows' bodies. */
  readonly maxBytes: number;
}

/**
 * Measured: 200 to 1000 rows a transaction cost the same per row, and an embedded database holds the
 * event loop for about 10 ms with these.
 */
export const unitLimits: UnitLimits = { maxRows: 500, maxBytes: 2 * 1024 * 1024 };

type RowChange =
  | { readonly kind: 'upsert'; readonly projection: Projection }
  | { readonly kind: 'delete'; readonly key: DeletedRow };

/** A row that goes. */
export interface DeletedRow extends RowKey {
  /** The resource's version in which its object went; absent if a list was found to lack it. */
  readonly resourceVersion?: string;
}

/** A unit with what is known of its deletes. */
export interface BuiltUnit extends CommitUnit {
  readonly deletes: readonly DeletedRow[];
}

/** Collects one unit of one account. */
export class UnitBuilder {
  readonly #limits: UnitLimits;
  readonly #rows = new Map<string, RowChange>();
  readonly #checkpoints = new Map<string, FeedCheckpoint>();
  /** By row id. */
  readonly #putAside = new Map<string, DeadLetter>();
  readonly #cleared: string[] = [];
  #retired: readonly FeedName[] = [];
  #bytes = 0;
  #isNew = true;

  constructor(limits: UnitLimits = unitLimits) {
    this.#limits = limits;
  }

  /** Whether it is time to commit. */
  get isFull(): boolean {
    const changes = this.#rows.size + this.#putAside.size;
    return changes >= this.#limits.maxRows || this.#bytes >= this.#limits.maxBytes;
  }

  /** Whether there is anything to commit. */
  get isEmpty(): boolean {
    const isWithoutLetters = this.#putAside.size === 0 && this.#cleared.length === 0;
    const isWithoutFeeds = this.#checkpoints.size === 0 && this.#retired.length === 0;
    return this.#rows.size === 0 && isWithoutFeeds && isWithoutLetters;
  }

  /** The object exists in this state; `isNew`: its row is believed not to be stored yet. */
  upsert(projection: Projection, isNew = false): void {
    this.#isNew &&= isNew;
    this.#rows.set(projection.id, { kind: 'upsert', projection });
    this.#putAside.delete(projection.id);
    this.#bytes += projection.body.byteLength;
  }

  /** The object is gone. */
  delete(key: DeletedRow): void {
    this.#rows.set(key.id, { kind: 'delete', key });
    this.#putAside.delete(key.id);
  }

  /** The object exists, and cannot become a row; the row that it had stays. */
  putAside(letter: DeadLetter): void {
    this.#putAside.set(letter.rowId, letter);
    this.#bytes += letter.payload.byteLength;
  }

  /** A dead letter is without object, unless something is put aside under its id again. */
  clearLetter(id: string): void {
    this.#cleared.push(id);
  }

  /** The feed has got this far once this unit is committed. */
  checkpoint(checkpoint: FeedCheckpoint): void {
    this.#checkpoints.set(feedKey(checkpoint), checkpoint);
  }

  /** The feed is gone for good. */
  retire(feed: FeedName): void {
    this.#checkpoints.delete(feedKey(feed));
    this.#retired = [...this.#retired, feed];
  }

  /** The unit; every id stands in it once. */
  build(writer: {
    readonly account: string;
    readonly epoch: number;
    /** Whether other units wait behind it. @defaultValue false */
    readonly isFollowed?: boolean;
  }): BuiltUnit {
    const upserts: Projection[] = [];
    const deletes: DeletedRow[] = [];
    for (const change of this.#rows.values()) {
      if (change.kind === 'upsert') upserts.push(change.projection);
      else deletes.push(change.key);
    }
    const { account, epoch, isFollowed = false } = writer;
    const checkpoints = [...this.#checkpoints.values()];
    const isNew = this.#isNew && upserts.length > 0;
    const rows = { account, epoch, upserts, deletes, isNew, isFollowed };
    const unit = { ...rows, checkpoints, retired: this.#retired };
    if (this.#putAside.size === 0 && this.#cleared.length === 0) return unit;
    const deadLetters = { put: [...this.#putAside.values()], cleared: this.#cleared };
    return { ...unit, deadLetters };
  }
}

/** A feed's name within its account as one string. */
export function feedKey({ group, resource, namespace }: FeedName): string {
  return `${group}/${resource}/${namespace}`;
}
