/**
 * Dials a bridge with grpc-js: TLS, mutual TLS or plaintext, and the agent's token. Certificates
 * and tokens are read for each attempt, so that rotated ones are taken over.
 */
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { credentials, Metadata, type ChannelCredentials, type ClientOptions } from '@grpc/grpc-js';
import {
  heartbeatMs,
  linkClientOptions,
  LinkServiceClient,
  TunnelServiceClient,
} from '@fairlead/protocol';
import type { AgentConfig } from './config.ts';
import type { DialledLink } from './link-client.ts';

/** Longest time that a timer of Node.js can wait, in milliseconds: 24 days. */
const never = 2_147_483_647;

/** The part of the configuration that concerns the link. */
export type LinkConfig = AgentConfig['clouddriver'];

/** Gives a token for the next attempt; `undefined`: none is configured. */
export type TokenSource = () => Promise<string | undefined>;

/** A function that opens a channel and the stream on it. */
export function createDialer(config: LinkConfig, token: TokenSource): () => Promise<DialledLink> {
  return async () => {
    const metadata = new Metadata();
    const bearer = await token();
    if (bearer !== undefined) metadata.set('authorization', `Bearer ${bearer}`);
    const channel = await channelCredentials(config);
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

async function channelCredentials(config: LinkConfig): Promise<ChannelCredentials> {
  if (config.insecure) return credentials.createInsecure();
  const { tls } = config;
  const ca = tls.cacertFile === undefined ? undefined : await readPem(tls.cacertFile, 'CA');
  const cert =
    tls.clientCertFile === undefined
      ? undefined
      : await readPem(tls.clientCertFile, 'client certificate');
  // Armory's form: the key may stand in the certificate's file.
  const keyFile = tls.clientKeyFile ?? tls.clientCertFile;
  const key = keyFile === undefined ? undefined : await readPem(keyFile, 'client key');
  const context = createSecureContext({
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['h2'],
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(tls.clientKeyFilePassword === undefined ? {} : { passphrase: tls.clientKeyFilePassword }),
  } as Parameters<typeof createSecureContext>[0]);
  return credentials.createFromSecureContext(context, {
    rejectUnauthorized: !tls.insecureSkipVerify,
  });
}

async function readPem(file: string, what: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause: unknown) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new Error(`the ${what} file ${file} cannot be read (${code})`, { cause });
  }
}
