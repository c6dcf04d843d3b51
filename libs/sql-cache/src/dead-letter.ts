/**
 * What was put aside because it could not become a row, or because the database refused the row,
 * with everything that is needed to find the object and to try again. Start at `DeadLetters`.
 */
import { hash } from 'node:crypto';
import type { FeedName } from './sql-cache.ts';

/** A larger object is put aside without its bytes: etcd takes 1.5 MiB, MySQL 5.7's packets 4 MiB. */
export const maxDeadLetterBytes = 2 * 1024 * 1024;

/** Something that is put aside. */
export interface DeadLetter {
  /** See {@link deadLetterId}: what is put aside again takes the place of what was before. */
  readonly id: string;
  /** Which account. */
  readonly account: string;
  /** The feed that brought it. */
  readonly feed: FeedName & {
    /** Kubernetes kind, as the API server writes it. */
    readonly kind: string;
  };
  /** Clouddriver's cache type of the row. */
  readonly type: string;
  /** Id of the row that there would be. */
  readonly rowId: string;
  /** Of the object; `''` for a cluster-scoped one. */
  readonly namespace: string;
  /** Of the object. */
  readonly name: string;
  /** Of the object; `''` if nobody knows. */
  readonly uid: string;
  /** Of the object; `''` if nobody knows. */
  readonly resourceVersion: string;
  /** Whether the row was to be written or to go. */
  readonly operation: 'write' | 'delete';
  /** Why, from a bounded set: it is a label of a metric. */
  readonly reason: string;
  /** More of the reason, for people; cut after 1000 characters, `''` if there is no more. */
  readonly message: string;
  /**
   * The object's bytes as they came over the link; empty when there are none to keep. Above
   * {@link maxDeadLetterBytes} they are not kept.
   */
  readonly payload: Uint8Array;
}

/** One that stands in SQL. */
export interface StoredDeadLetter extends Omit<DeadLetter, 'payload'> {
  /** When it was put aside first, epoch milliseconds. */
  readonly firstSeenMs: number;
  /** When it was put aside last, epoch milliseconds. */
  readonly lastSeenMs: number;
  /** How often it was put aside, replays that failed included. */
  readonly attempts: number;
  /** Size of the object, kept or not. */
  readonly payloadBytes: number;
  /** Whether the bytes were kept, so that it can be tried again. */
  readonly hasPayload: boolean;
}

/** Changes of dead letters, written with the unit that they belong to. */
export interface DeadLetterChanges {
  /** What is put aside. */
  readonly put: readonly DeadLetter[];
  /** Ids of letters that have become true rows, or whose object is gone. */
  readonly cleared: readonly string[];
}

/** Reads dead letters; they are written by `SqlCache.commit` alone, under the account's epoch. */
export interface DeadLetters {
  /** A page in the order of accounts and ids. */
  list(query: {
    /** Only this account's. @defaultValue all */
    readonly account?: string;
    /** Only after this place. @defaultValue the beginning */
    readonly after?: { readonly account: string; readonly id: string };
    /** At most so many. */
    readonly limit: number;
  }): Promise<StoredDeadLetter[]>;
  /** One, with its bytes if they were kept. */
  get(
    id: string,
  ): Promise<(StoredDeadLetter & { readonly payload: Buffer | undefined }) | undefined>;
  /** How many there are for each reason, over all accounts. */
  countByReason(): Promise<ReadonlyMap<string, number>>;
}

const idBytes = 16;

/** Of each row at most one letter: 32 hex digits of a hash of its key. */
export function deadLetterId(row: {
  readonly account: string;
  readonly type: string;
  readonly rowId: string;
}): string {
  const text = JSON.stringify([row.account, row.type, row.rowId]);
  return hash('sha256', text).slice(0, 2 * idBytes);
}
