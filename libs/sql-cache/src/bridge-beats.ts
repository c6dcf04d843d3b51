/**
 * The bridges that share this database. Each counts a number up while it lives; who lives is for
 * those to judge who see the numbers, since clocks of several machines do not agree.
 */

/** A bridge as it has written itself down. */
export interface StoredBridge {
  /** The bridge process. */
  readonly bridgeId: string;
  /** Goes up with every beat. */
  readonly beat: number;
  /** First beat, epoch milliseconds by that bridge's clock. */
  readonly startedAtMs: number;
  /** Last beat, epoch milliseconds by that bridge's clock. */
  readonly beatAtMs: number;
}

/** The bridges in one database. */
export interface BridgeBeats {
  /** Counts up; the first beat makes the bridge known. */
  beat(bridgeId: string): Promise<void>;
  /** All bridges, by name. */
  list(): Promise<StoredBridge[]>;
  /** Forgets bridges: one that stops in order, or those that are long dead. */
  forget(bridgeIds: readonly string[]): Promise<void>;
}
