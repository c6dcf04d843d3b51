/** Where other bridges reach this one, and what it shows them. */
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import { type Secrets } from '@fairlead/secret-engines';
import { type BridgeDoor } from '@fairlead/sql-cache';
import { type BridgeConfig } from '../config.ts';

/** Addresses that mean all addresses of a machine. */
const anyAddress: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/**
 * `host:port` by which others reach the gRPC port: what the configuration says, else the address it
 * is bound to, else, where that is every one, the machine's first that is not loopback. '' if there
 * is no such address.
 */
export function advertisedAddress(
  { host, advertisedAddress: said }: Pick<BridgeConfig['grpc'], 'host' | 'advertisedAddress'>,
  port: number,
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces(),
): string {
  if (said !== undefined) return said;
  const own = anyAddress.has(host) ? firstExternal(interfaces) : host;
  if (own === undefined) return '';
  return own.includes(':') ? `[${own}]:${port}` : `${own}:${port}`;
}

function firstExternal(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): string | undefined {
  const all = Object.values(interfaces).flatMap((each) => each ?? []);
  const external = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  return (external.find(({ family }) => family === 'IPv4') ?? external[0])?.address;
}

/** What the gRPC port is configured with, and where its certificates are read. */
export interface OwnMaterial {
  readonly grpc: BridgeConfig['grpc'];
  readonly secrets: Pick<Secrets, 'content'>;
}

/** The door as it is now; the certificate's file is read each time, since it is renewed. */
export async function ownDoor(
  { grpc, secrets }: OwnMaterial,
  facts: Pick<BridgeDoor, 'address' | 'publicKey'>,
): Promise<BridgeDoor> {
  if (grpc.tls === undefined) return { ...facts, certificate: '' };
  try {
    const certificate = await secrets.content(grpc.tls.certFile);
    return { ...facts, certificate: certificate.toString('utf8') };
  } catch {
    // It is being renewed: nobody can reach this door until the next look.
    return { ...facts, address: '', certificate: '' };
  }
}

/** What this bridge shows others that ask for a client certificate. */
export async function ownIdentity({
  grpc: { tls },
  secrets,
}: OwnMaterial): Promise<{ readonly cert: Buffer; readonly key: Buffer } | undefined> {
  if (tls === undefined) return undefined;
  const [cert, key] = await Promise.all([
    secrets.content(tls.certFile),
    secrets.content(tls.keyFile),
  ]);
  return { cert, key };
}
