import { type NetworkInterfaceInfo } from 'node:os';
import { type BridgeDoor } from '@fairlead/sql-cache';
import { type BridgeConfig } from '../config.ts';
/**
 * `host:port` by which others reach the gRPC port: what the configuration says, else the address it
 * is bound to, else, where that is every one, the machine's first that is not loopback. '' if there
 * is no such address.
 */
export declare function advertisedAddress({ host, advertisedAddress: said }: Pick<BridgeConfig['grpc'], 'host' | 'advertisedAddress'>, port: number, interfaces?: NodeJS.Dict<NetworkInterfaceInfo[]>): string;
/** The door as it is now; the certificate's file is read each time, since it is renewed. */
export declare function ownDoor(grpc: BridgeConfig['grpc'], facts: Pick<BridgeDoor, 'address' | 'publicKey'>): Promise<BridgeDoor>;
/** What this bridge shows others that ask for a client certificate. */
export declare function ownIdentity({ tls, }: BridgeConfig['grpc']): Promise<{
    readonly cert: Buffer;
    readonly key: Buffer;
} | undefined>;
//# sourceMappingURL=node-own-door.d.ts.map