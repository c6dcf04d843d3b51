/** This bridge's door to the others, in both directions: the parts of this folder put together. */
import { type ApiHandler, type TunnelClock } from '@fairlead/api-tunnel';
import { noDoor, type BridgeDoor } from '@fairlead/sql-cache';
import { type BridgePeers } from '../bridge-peers.ts';
import { advertisedAddress, ownDoor, ownIdentity, type OwnMaterial } from './node-own-door.ts';
import { connectPeer } from './node-peer-client.ts';
import { type PeerServerDeps } from './node-peer-server.ts';
import { PeerApis } from './peer-apis.ts';
import { createPeerKey, verifyPeerToken } from './peer-tokens.ts';

/** What a door is made of. */
export interface OwnDoorDeps extends OwnMaterial {
  readonly bridgeId: string;
  readonly clock: TunnelClock;
  /** Another bridge cannot be reached. */
  readonly unreachable: (bridgeId: string, error: unknown) => void;
}

/** The door. */
export class OwnDoor {
  readonly #deps: OwnDoorDeps;
  readonly #key = createPeerKey();
  #port: number | undefined;

  constructor(deps: OwnDoorDeps) {
    this.#deps = deps;
  }

  /** The gRPC port takes streams from now on. */
  opened(port: number): void {
    this.#port = port;
  }

  /** As the others are to know it. */
  async describe(): Promise<BridgeDoor> {
    const { grpc, secrets } = this.#deps;
    if (this.#port === undefined) return noDoor;
    const { publicKey } = this.#key;
    return ownDoor({ grpc, secrets }, { address: advertisedAddress(grpc, this.#port), publicKey });
  }

  /** Ways to the others. */
  apisOf(peers: Pick<BridgePeers, 'doorOf'>): PeerApis {
    const { grpc, secrets, bridgeId, clock, unreachable } = this.#deps;
    const options = {
      tokenFor: (to: string) => this.#key.sign(bridgeId, to),
      identity: () => ownIdentity({ grpc, secrets }),
    };
    return new PeerApis({
      doorOf: (id) => peers.doorOf(id),
      connect: (id, door) => connectPeer(id, door, options),
      clock,
      failed: unreachable,
    });
  }

  /** What takes requests of the others. */
  server(deps: {
    readonly peers: Pick<BridgePeers, 'publicKeyOf'>;
    readonly findHandler: (account: string) => ApiHandler | undefined;
    readonly refused: PeerServerDeps['refused'];
    readonly fault: PeerServerDeps['fault'];
  }): PeerServerDeps {
    const { peers, findHandler, refused, fault } = deps;
    const { bridgeId, clock } = this.#deps;
    return {
      verify: (token) => verifyPeerToken(token, bridgeId, (id) => peers.publicKeyOf(id)),
      ...{ findHandler, clock, refused, fault },
    };
  }
}
