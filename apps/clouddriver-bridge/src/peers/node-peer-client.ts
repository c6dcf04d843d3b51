/** Dials another bridge with grpc-js. */
import { createSecureContext } from 'node:tls';
import { credentials, Metadata, type ChannelCredentials } from '@grpc/grpc-js';
import { StreamWire, type BridgeWire } from '@fairlead/api-tunnel';
import { linkClientOptions, PeerServiceClient } from '@fairlead/protocol';
import { type BridgeDoor } from '@fairlead/sql-cache';
import { type PeerConnection } from './peer-apis.ts';

/** What connections are made with. */
export interface PeerClientOptions {
  /** Proves to a bridge who asks. */
  readonly tokenFor: (bridgeId: string) => Promise<string>;
  /** What this bridge shows of itself where client certificates are asked for; read for each. */
  readonly identity: () => Promise<{ readonly cert: Buffer; readonly key: Buffer } | undefined>;
}

/** Connections to a bridge; the first stream dials. */
export function connectPeer(
  bridgeId: string,
  door: BridgeDoor,
  options: PeerClientOptions,
): PeerConnection {
  const dial = async () =>
    new PeerServiceClient(door.address, await channelCredentials(door, options), {
      ...linkClientOptions,
      // Names are not looked at here, and an address may not stand in the handshake (RFC 6066).
      'grpc.ssl_target_name_override': 'fairlead-bridge',
    });
  let client: PeerClient | undefined;
  let isClosed = false;
  return {
    async open(): Promise<BridgeWire> {
      // Files that cannot be read now may be readable the next time.
      const [dialled, token] = await Promise.all([client ?? dial(), options.tokenFor(bridgeId)]);
      client ??= dialled;
      if (client !== dialled || isClosed) dialled.close();
      if (isClosed) throw new Error('the connection was closed meanwhile');
      const metadata = new Metadata();
      metadata.set('authorization', `Bearer ${token}`);
      const stream = client.exchange(metadata);
      return new StreamWire(stream, { cancel: () => stream.cancel() });
    },
    close(): void {
      isClosed = true;
      client?.close();
    },
  };
}

type PeerClient = InstanceType<typeof PeerServiceClient>;

/**
 * The certificate in the database is the one to be shown, whatever names stand in it: bridges reach
 * each other by addresses that no certificate names.
 */
async function channelCredentials(
  { certificate }: BridgeDoor,
  { identity }: PeerClientOptions,
): Promise<ChannelCredentials> {
  if (certificate === '') return credentials.createInsecure();
  const own = await identity();
  const context = createSecureContext({
    ...{ minVersion: 'TLSv1.2', ALPNProtocols: ['h2'], ca: certificate },
    // The leaf alone is trusted, without the authority that signed it.
    allowPartialTrustChain: true,
    ...own,
  });
  return credentials.createFromSecureContext(context, { checkServerIdentity: () => undefined });
}
