/** The ways to clusters whose agents are linked to other bridges: a pool of tunnels for each of those. */
import {
  TunnelPool,
  type ApiHandler,
  type BridgeWire,
  type TunnelClock,
} from '@fairlead/api-tunnel';
import { type BridgeDoor } from '@fairlead/sql-cache';

/** Connections to one other bridge. */
export interface PeerConnection {
  /** Opens a stream for exchanges. Rejects if none can be had. */
  open(): Promise<BridgeWire>;
  /** Ends all of them. */
  close(): void;
}

/** What the ways work with. */
export interface PeerApisDeps {
  /** Where a bridge that lives takes requests. */
  readonly doorOf: (bridgeId: string) => BridgeDoor | undefined;
  /** Makes connections; nothing is dialled yet. */
  readonly connect: (bridgeId: string, door: BridgeDoor) => PeerConnection;
  readonly clock: TunnelClock;
  /** A bridge cannot be reached. */
  readonly failed: (bridgeId: string, error: unknown) => void;
}

interface Peer {
  readonly door: BridgeDoor;
  readonly connection: PeerConnection;
  readonly pool: TunnelPool;
}

/** All ways to other bridges. */
export class PeerApis {
  readonly #deps: PeerApisDeps;
  readonly #peers = new Map<string, Peer>();

  constructor(deps: PeerApisDeps) {
    this.#deps = deps;
  }

  /** Sends requests of an account to the bridge that has it; `undefined` if that takes none. */
  handlerOf(bridgeId: string, account: string): ApiHandler | undefined {
    const door = this.#deps.doorOf(bridgeId);
    const known = this.#peers.get(bridgeId);
    if (known !== undefined && !isSame(known.door, door)) this.#drop(bridgeId, known);
    if (door === undefined) return undefined;
    const { pool } = this.#peers.get(bridgeId) ?? this.#add(bridgeId, door);
    return (request) => pool.exchange(account, request);
  }

  /** Ends all. */
  close(): void {
    for (const [bridgeId, peer] of this.#peers) this.#drop(bridgeId, peer);
  }

  #add(bridgeId: string, door: BridgeDoor): Peer {
    const connection = this.#deps.connect(bridgeId, door);
    const open = async (): Promise<void> => {
      try {
        const wire = await connection.open();
        if (!pool.add(wire)) wire.cancel();
      } catch (error: unknown) {
        // The pool asks again as long as somebody waits.
        this.#deps.failed(bridgeId, error);
      }
    };
    const pool = new TunnelPool({
      ask: (count) => {
        for (let at = 0; at < count; at += 1) queueMicrotask(() => void open());
      },
      clock: this.#deps.clock,
      // A spare stream would be asked for for ever of a bridge that is not to be reached.
      limits: { spare: 0 },
    });
    const peer = { door, connection, pool };
    this.#peers.set(bridgeId, peer);
    return peer;
  }

  #drop(bridgeId: string, { pool, connection }: Peer): void {
    this.#peers.delete(bridgeId);
    pool.close('the other bridge has gone');
    connection.close();
  }
}

function isSame(door: BridgeDoor, other: BridgeDoor | undefined): boolean {
  return (
    door.address === other?.address &&
    door.certificate === other.certificate &&
    door.publicKey === other.publicKey
  );
}
