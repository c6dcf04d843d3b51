/** Search over the stored objects of all accounts: the question and the answer. */

/** What to find; every field narrows. */
export interface SearchQuery {
  /** Exact account name. */
  readonly account?: string;
  /** Kind in any spelling Kubernetes or Spinnaker has for it, case-insensitive: `Pod`, `replicaset`, `crontab.stable.example.com`. */
  readonly kind?: string;
  /** Exact namespace; `''` finds only cluster-scoped objects. */
  readonly namespace?: string;
  /** Exact object name. */
  readonly name?: string;
  /** Exact application of the object's moniker. */
  readonly application?: string;
  /** Part of the object's name or namespace, case-insensitive. */
  readonly q?: string;
  /** Kubernetes label selector in its text form (`app=web,tier!=db,x in (a,b),!y`). */
  readonly labelSelector?: string;
  /** At most so many items. 1 to 1000. @defaultValue 100 */
  readonly limit?: number;
  /** `continue` of the page before. */
  readonly continue?: string;
  /** Whether the items carry the manifest's bytes. @defaultValue 'omit' */
  readonly manifest?: 'omit' | 'include';
}

/** One page of results. */
export interface SearchPage {
  /** Ordered by type and id; may be empty although there is a `continue`. */
  readonly items: readonly SearchItem[];
  /** Gives the next page; absent on the last one. */
  readonly continue?: string;
}

/** One stored object. */
export interface SearchItem {
  /** The account. */
  readonly account: string;
  /** The Spinnaker kind. */
  readonly kind: string;
  /** The object's apiVersion. */
  readonly apiVersion: string;
  /** `''` for cluster-scoped objects. */
  readonly namespace: string;
  /** The object's name. */
  readonly name: string;
  /** The moniker's application, `''` if there is none. */
  readonly application: string;
  /** The moniker's cluster, `''` if there is none. */
  readonly cluster: string;
  /** `metadata.resourceVersion`. */
  readonly resourceVersion: string;
  /** `metadata.uid`. */
  readonly uid: string;
  /** When this row was last written, epoch milliseconds. */
  readonly updatedAtMs: number;
  /** The row's id in the cache. */
  readonly id: string;
  /** The manifest as stored, when asked for. */
  readonly manifest?: Uint8Array;
}
