/**
 * Databases that can be brought into every trouble that passes by itself: not by errors made up, but
 * by the condition that leads to them, wherever that can be had.
 */
import type { TestDatabase } from './targets.ts';

/** One trouble of one database. */
export interface Trouble {
  /** What people call it. */
  readonly name: string;
  /** The reason that it is to be retried for. */
  readonly reason: string;
  /** Bytes of each row for the unit to meet it. @defaultValue 20000 */
  readonly rowBytes?: number;
  /**
   * Brings it about. What is committed from now on meets it, until it is ended; `during` is called
   * when the commit has begun.
   */
  begin(): Promise<OngoingTrouble>;
}

/** A trouble that lasts. */
export interface OngoingTrouble {
  /** What must happen after the commit has begun for it to meet the trouble. */
  during?(): Promise<void>;
  /** Ends it. */
  end(): Promise<void>;
}

/** A database with troubles; its URL is that of a user without special rights. */
export interface TroubledDatabase extends TestDatabase {
  /** In this order: the last one ends the connections by which the others are made. */
  readonly troubles: readonly Trouble[];
}

/** The row that a rival holds while the commit wants it: made before the trouble begins. */
export const contestedRow = 'contested';

/** Resolves with nothing when the work has ended well. */
export async function done(work: Promise<unknown>): Promise<void> {
  await work;
}

/** Asks until it is so; every question is a round trip, so nothing is slept. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}
