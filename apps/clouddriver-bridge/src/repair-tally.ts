/** Counts what a snapshot that was taken for a repair has to change. */
import { hashObjectVersion, type DeltaRecord } from '@fairlead/protocol';
import { type RowState } from './row-versions.ts';

/** What became of rows. */
export type RepairResult = 'inserted' | 'updated' | 'deleted';

/** Rows by what became of them. */
export type RepairedRows = Readonly<Record<RepairResult, number>>;

/** One repair of a feed, from the decision to the end of its snapshot. */
export class RepairTally {
  readonly #counts = { inserted: 0, updated: 0, deleted: 0 };
  readonly #ended = Promise.withResolvers<RepairedRows | undefined>();

  /** Resolves with the counts when the snapshot is complete, with nothing when it never will be. */
  get ended(): Promise<RepairedRows | undefined> {
    return this.#ended.promise;
  }

  /** A snapshot begins: what an unfinished one has counted is counted again. */
  begin(): void {
    Object.assign(this.#counts, { inserted: 0, updated: 0, deleted: 0 });
  }

  /** An object came whose row was in this state. */
  came(record: DeltaRecord, before: RowState): void {
    if (before.kind === 'absent') this.#counts.inserted += 1;
    else if (before.kind === 'unsound' || !isVersionOf(record, before)) this.#counts.updated += 1;
  }

  /** Rows went that no object came for. */
  went(rows: number): void {
    this.#counts.deleted += rows;
  }

  /** The snapshot is complete. */
  complete(): void {
    this.#ended.resolve({ ...this.#counts });
  }

  /** It never will be. */
  giveUp(): void {
    this.#ended.resolve(undefined);
  }
}

function isVersionOf(record: DeltaRecord, { version }: RowState & { kind: 'sound' }): boolean {
  const { high, low } = hashObjectVersion(record);
  return high === version.high && low === version.low;
}
