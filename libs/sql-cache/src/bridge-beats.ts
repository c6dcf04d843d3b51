/**
 * The bridges that share this database. Each counts a number up while it lives; who lives is for
 * those to judge who see the numbers, since clocks of several machines do not agree.
 */

/** Where a bridge takes the requests of other bridges, and how they know each other. */
export interface BridgeDoor {
  /** `host:port` of its gRPC port, as other bridges reach it; '' if they do not. */
  readonly address: string;
  /** What it signs its own requests with; SPKI in PEM, '' for none. */
  readonly publicKey: string;
  /** The certificate that the port shows, PEM with its chain; '' for plaintext. */
  readonly certificate: string;
}

/** The door of a bridge that has none. */
export const noDoor: BridgeDoor = Object.freeze({ address: '', publicKey: '', certificate: '' });

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
  /** Where others reach it. */
  readonly door: BridgeDoor;
}

/** The bridges in one database. */
export interface BridgeBeats {
  /** Counts up; the first beat makes the bridge known. A door is written down with it. */
  beat(bridgeId: string, door?: BridgeDoor): Promise<void>;
  /** All bridges, by name. */
  list(): Promise<StoredBridge[]>;
  /** Forgets bridges: one that stops in order, or those that are long dead. */
  forget(bridgeIds: readonly string[]): Promise<void>;
}
