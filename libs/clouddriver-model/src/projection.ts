/**
 * What one Kubernetes object becomes in Clouddriver's cache: its own row, the rows that it adds to
 * the relation tables of other types, and the logical rows that exist because of it.
 */

import type { Selection } from './selection.ts';

/** Facts of the account that decide how its objects are projected. */
export interface ProjectionContext {
  /** Spinnaker's name of the account. */
  readonly account: string;
  /**
   * Relate every kind to its application, not only server groups, their managers, load balancers
   * and security groups (Clouddriver's account property of the same name).
   * @defaultValue false
   */
  readonly cacheAllApplicationRelationships?: boolean;
}

/** Everything the cache must hold because one object exists. */
export interface Projection {
  /** Clouddriver's cache type, which is the Spinnaker kind: `replicaSet`, `CronTab.stable.example.com`. */
  readonly type: string;
  /** `kubernetes.v2:infrastructure:<kind>:<account>:<namespace>:<name>`. */
  readonly id: string;
  /** The caching agent of Clouddriver that would own this row. */
  readonly agent: string;
  /**
   * UTF-8 JSON of the CacheData, in the order id, ttlSeconds, relationships, attributes, with the
   * manifest last and byte for byte as it came.
   */
  readonly body: Uint8Array;
  /** Lower-case hex SHA-256 of `body`. */
  readonly bodyHash: string;
  /**
   * The text of `body` before `,"attributes":`. Equal heads have equal relations, so a writer that
   * finds it unchanged need not look at the relation tables at all.
   */
  readonly head: string;
  /** Rows for the relation tables of the types that this object names. */
  readonly relations: readonly ReverseRelation[];
  /** The application and the cluster that exist because this member does. */
  readonly logical: LogicalRows;
  /** `metadata.uid`, `''` when absent. */
  readonly uid: string;
  /** `metadata.resourceVersion`, `''` when absent. */
  readonly resourceVersion: string;
  /** The object asks not to be cached (annotation `caching.spinnaker.io/ignore`): delete, do not write. */
  readonly ignored: boolean;
  /** What a `SelectionIndex` must know of the object; absent when it takes no part. */
  readonly selection?: Selection;
}

/** The logical rows of one member; neither exists for kinds without an application. */
export interface LogicalRows {
  /** The application, when the member belongs to one. */
  readonly application?: LogicalRow;
  /** The cluster, for server groups and their managers. */
  readonly cluster?: LogicalRow;
}

/** A row that stands for a grouping and not for an object. Written per (id, agent). */
export interface LogicalRow {
  /** The cache type. */
  readonly type: 'applications' | 'clusters';
  /** `kubernetes.v2:logical:...`. */
  readonly id: string;
  /** UTF-8 JSON of the CacheData, without `cacheExpiry`, so that it does not change by itself. */
  readonly body: Uint8Array;
  /** Lower-case hex SHA-256 of `body`. */
  readonly bodyHash: string;
  /** Rows for the relation tables of other types that this logical row itself brings. */
  readonly relations: readonly ReverseRelation[];
}

/** One row of `cats_v1_<type>_rel`: "`id` is related to `relId`", seen from the other end. */
export interface ReverseRelation {
  /** The type whose relation table holds the row, that is the type of `id`. */
  readonly type: string;
  /** 26 characters made from the content, so that the same relation is always the same row. */
  readonly uuid: string;
  /** The other end, which readers start from. */
  readonly id: string;
  /** The object that states the relation. */
  readonly relId: string;
  /** `<type>:<agent>`: how Clouddriver finds the rows of one agent in one relation table. */
  readonly relAgent: string;
  /** The type of `relId`. */
  readonly relType: string;
}
