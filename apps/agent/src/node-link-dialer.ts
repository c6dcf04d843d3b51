/**
 * Dials a bridge with grpc-js: TLS, mutual TLS or plaintext, and the agent's token. Certificates
 * and tokens are read for each attempt, so that rotated ones are taken over.
 */
import { createSecureContext } from 'node:tls';
import { credentials, Metadata, type ChannelCredentials, type ClientOptions } from '@grpc/grpc-js';
import {
  heartbeatMs,
  linkClientOptions,
  LinkServiceClient,
  TunnelServiceClient,
} from '@fairlead/protocol';
import { isSecretReference, type Secrets } from '@fairlead/secret-engines';
import type { AgentConfig } from './config.ts';
import type { DialledLink } from './link-client.ts';

/** Longest time that a timer of Node.js can wait, in milliseconds: 24 days. */
const never = 2_147_483_647;

/** The part of the configuration that concerns the link. */
export type LinkConfig = AgentConfig['clouddriver'];

/** Gives a token for the next attempt; `undefined`: none is configured. */
export type TokenSource = () => Promise<string | undefined>;

/** What a dialer works with. */
export interface DialerDeps {
  /** The agent's token. */
  readonly token: TokenSource;
  /** Reads certificates and keys, from files or engines. */
  readonly secrets: Pick<Secrets, 'content' | 'text'>;
}

/** A function that opens a channel and the stream on it. */
export function createDialer(
  config: LinkConfig,
  { token, secrets }: DialerDeps,
): () => Promise<DialledLink> {
  return async () => {
    const metadata = new Metadata();
    const bearer = await token();
    if (bearer !== undefined) metadata.set('authorization', `Bearer ${bearer}`);
    const channel = await channelCredentials(config, secrets);
    const client = new LinkServiceClient(config.grpc, channel, channelOptions(config));
    const channelOverride = client.getChannel();
    const tunnels = new TunnelServiceClient(config.grpc, channel, { channelOverride });
    return {
      stream: client.link(metadata),
      openTunnel: () => tunnels.tunnel(),
      close: () => client.close(),
    };
  };
}

function channelOptions(config: LinkConfig): ClientOptions {
  const { keepAliveHeartbeatSeconds, keepAliveTimeOutSeconds, noProxy, tls } = config;
  return {
    ...linkClientOptions,
    ...pingOptions(keepAliveHeartbeatSeconds),
    'grpc.keepalive_timeout_ms': keepAliveTimeOutSeconds * 1000,
    'grpc.enable_http_proxy': noProxy ? 0 : 1,
    ...(tls.serverName === undefined
      ? {}
      : {
          'grpc.ssl_target_name_override': tls.serverName,
          'grpc.default_authority': tls.serverName,
        }),
  };
}

/** Heartbeats are signs of life already: pings only where somebody wants more of them, or none. */
function pingOptions(everySeconds: number): ClientOptions {
  const everyMs = everySeconds * 1000;
  if (everyMs > 0 && everyMs >= heartbeatMs) return {};
  return { 'grpc.keepalive_time_ms': everyMs > 0 ? everyMs : never };
}

async function channelCredentials(
  config: LinkConfig,
  secrets: DialerDeps['secrets'],
): Promise<ChannelCredentials> {
  if (config.insecure) return credentials.createInsecure();
  const { tls } = config;
  const read = async (file: string | undefined, what: string) =>
    file === undefined ? undefined : await readPem(secrets, { file, what });
  const ca = await read(tls.cacertFile, 'CA');
  const cert = await read(tls.clientCertFile, 'client certificate');
  // Armory's form: the key may stand in the certificate's file.
  const key = await read(tls.clientKeyFile ?? tls.clientCertFile, 'client key');
  const password = tls.clientKeyFilePassword;
  const passphrase = password === undefined ? undefined : await secrets.text(password, 'fresh');
  const context = createSecureContext({
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['h2'],
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
  } as Parameters<typeof createSecureContext>[0]);
  return credentials.createFromSecureContext(context, {
    rejectUnauthorized: !tls.insecureSkipVerify,
  });
}

async function readPem(
  secrets: DialerDeps['secrets'],
  { file, what }: { readonly file: string; readonly what: string },
): Promise<Buffer> {
  try {
    return await secrets.content(file, 'fresh');
  } catch (cause: unknown) {
    // It names the engine and the place itself.
    if (isSecretReference(file)) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new Error(`the ${what} file ${file} cannot be read (${code})`, { cause });
  }
}
