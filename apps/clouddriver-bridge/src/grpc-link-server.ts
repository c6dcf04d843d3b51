/** The gRPC server that agents dial: accepts links, checks who is there, hands streams to sessions. */
import { randomBytes, randomUUID } from 'node:crypto';
import { isSecretReference } from '@fairlead/secret-engines';
import {
  experimental,
  Server,
  ServerCredentials,
  status,
  type ServerDuplexStream,
} from '@grpc/grpc-js';
import {
  linkServerOptions,
  LinkServiceService,
  PeerServiceService,
  TunnelServiceService,
  type AgentMessage,
  type BridgeMessage,
  type LinkServiceServer,
  type PeerServiceServer,
  type TunnelServiceServer,
} from '@fairlead/protocol';
import {
  type AgentCredentials,
  type AuthenticateAgent,
  type Authentication,
} from './access/agent-authenticator.ts';
import { type TlsSecrets } from './access/node-tls-material.ts';
import { SecretCertificateProvider } from './access/secret-certificate-provider.ts';
import { LinkPlaces, type LinkPlaceLimits } from './access/link-places.ts';
import { guardConnections } from './access/node-grpc-guard.ts';
import { sentStatus } from './access/sent-status.ts';
import { type BridgeEvents } from './bridge-events.ts';
import { type BridgeConfig } from './config.ts';
import { acceptTunnel, type TunnelServerDeps } from './gateway/node-tunnel-server.ts';
import { cancelCall } from './gateway/cancel-call.ts';
import { acceptPeer, type PeerServerDeps } from './peers/node-peer-server.ts';
import { type LinkLimits } from './link-limits.ts';
import { LinkSession, type LinkHost, type LinkWire, type SessionClock } from './link-session.ts';
import { widenReceiveWindows } from './receive-window.ts';

/** What the server works with. */
export interface LinkServerDeps {
  /** Who an agent is. */
  readonly authenticate: AuthenticateAgent;
  /** The bridge behind the links. */
  readonly host: LinkHost;
  /** Time. */
  readonly clock: SessionClock;
  /** Logs and metrics. */
  readonly events: BridgeEvents;
  /** How much one agent may have. */
  readonly limits: LinkLimits & LinkPlaceLimits;
  /** Where tunnels go. */
  readonly tunnels: TunnelServerDeps;
  /** What takes requests of other bridges. */
  readonly peers: PeerServerDeps;
  /** Where certificates and keys are read that are references. */
  readonly secrets: TlsSecrets;
}

/** A server that listens. */
export interface RunningLinkServer {
  /** The port it is bound to. */
  readonly port: number;
  /** Takes no new links; ends those that are left after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

type LinkCall = ServerDuplexStream<AgentMessage, BridgeMessage>;

/** Nobody guesses a ticket of so many random bytes. */
const ticketBytes = 24;

/** How long an agent may take to end its side of a link that has ended, ms. */
const endGraceMs = 2000;

/** How often renewed certificates are looked for. */
const certificateRefreshMs = 10_000;

/** Binds and serves; rejects when the address cannot be bound. */
export async function startLinkServer(
  grpc: BridgeConfig['grpc'],
  deps: LinkServerDeps,
): Promise<RunningLinkServer> {
  const server = new Server(linkServerOptions);
  const places = new LinkPlaces(deps.limits);
  const service: LinkServiceServer = {
    link: (call) => {
      void acceptLink(call, { ...deps, places });
    },
  };
  server.addService(LinkServiceService, service);
  const tunnelService: TunnelServiceServer = {
    tunnel: (call) => acceptTunnel(call, deps.tunnels),
  };
  server.addService(TunnelServiceService, tunnelService);
  const peerService: PeerServiceServer = {
    exchange: (call) => {
      void acceptPeer(call, deps.peers);
    },
  };
  server.addService(PeerServiceService, peerService);
  const host = grpc.host.includes(':') ? `[${grpc.host}]` : grpc.host;
  const port = await bind(server, `${host}:${grpc.port}`, await credentialsOf(grpc.tls, deps));
  if (!widenReceiveWindows(server)) deps.events.windowsNotWidened();
  guardConnections(server, (reason) => deps.events.connectionRefused('agents', reason));
  return { port, stop: (graceMs) => stop(server, graceMs) };
}

/** Credentials that are read again when they change. */
async function credentialsOf(
  tls: BridgeConfig['grpc']['tls'],
  deps: LinkServerDeps,
): Promise<ServerCredentials> {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { certFile, keyFile, clientCaFile, clientAuth } = tls;
  const asks = clientAuth !== 'none' && clientCaFile !== undefined;
  return experimental.createCertificateProviderServerCredentials(
    await certificates({ certFile, keyFile }, deps),
    asks ? await certificates({ clientCaFile }, deps) : null,
    clientAuth === 'require',
  );
}

type CertificateFiles =
  { readonly certFile: string; readonly keyFile: string } | { readonly clientCaFile: string };

async function certificates(files: CertificateFiles, { secrets, events }: LinkServerDeps) {
  if (Object.values(files).some((file: string) => isSecretReference(file))) {
    const failed = (error: unknown): void => events.certificatesRead(error);
    return SecretCertificateProvider.open(files, secrets, failed);
  }
  const refreshIntervalMs = certificateRefreshMs;
  const options =
    'clientCaFile' in files
      ? { caCertificateFile: files.clientCaFile }
      : { certificateFile: files.certFile, privateKeyFile: files.keyFile };
  return new experimental.FileWatcherCertificateProvider({ ...options, refreshIntervalMs });
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}

async function stop(server: Server, graceMs: number): Promise<void> {
  const timer = setTimeout(() => {
    server.forceShutdown();
  }, graceMs);
  await new Promise<void>((resolve) => {
    server.tryShutdown(() => {
      resolve();
    });
  });
  clearTimeout(timer);
}

/** Until somebody listens for its data, the stream stays paused: nothing is lost meanwhile. */
async function acceptLink(
  call: LinkCall,
  deps: LinkServerDeps & { readonly places: LinkPlaces },
): Promise<void> {
  // A stream that breaks before its session is there must not end the process.
  call.on('error', () => undefined);
  const credentials = agentCredentialsOf(call);
  const outcome = await deps.authenticate(credentials);
  if (call.cancelled) return;
  if (outcome.kind !== 'known') {
    deps.events.linkUnauthenticated(call.getPeer(), outcome);
    refuse(call, refusals[outcome.kind]);
    return;
  }
  const { host, clock, limits, places } = deps;
  const { identity } = outcome;
  const leave = places.take(credentials.remoteAddress, identity.description);
  if (leave === undefined) {
    deps.events.connectionRefused('agents', 'tooManyLinks');
    refuse(call, { code: status.RESOURCE_EXHAUSTED, details: 'too many links' });
    return;
  }
  const session = new LinkSession({
    wire: wireOf(call, leave),
    ...{ host, clock, identity, limits },
    linkId: randomUUID(),
    tunnelTicket: randomBytes(ticketBytes).toString('base64url'),
  });
  call.on('data', (message: AgentMessage) => {
    session.receive(message);
  });
  call.on('end', () => {
    session.lost(call.cancelled ? 'the connection broke' : 'its agent closed the link');
  });
  call.on('cancelled', () => {
    const refusal = libraryRefusals.get(sentStatus(call));
    if (refusal !== undefined) deps.events.connectionRefused('agents', refusal);
    session.lost(refusal === undefined ? 'the connection broke' : `refused: ${refusal}`);
  });
  call.on('error', (error: Error) => {
    session.lost(`the connection failed: ${error.message}`);
  });
}

/** What grpc-js itself ends a stream for: a message that is too large, or is none. */
const libraryRefusals: ReadonlyMap<number | undefined, string> = new Map<number, string>([
  [status.RESOURCE_EXHAUSTED, 'messageSize'],
  [status.INTERNAL, 'malformed'],
]);

interface Refusal {
  readonly code: status;
  readonly details: string;
}

function refuse(call: LinkCall, refusal: Refusal): void {
  call.emit('error', refusal);
  resetLater(call);
}

/** An agent that neither reads nor ends its own side must not keep the stream. */
function resetLater(call: LinkCall): void {
  setTimeout(() => cancelCall(call), endGraceMs).unref();
}

/** What an agent that is not let in is told: not why, but whether to try again is of use. */
const refusals: Readonly<Record<Exclude<Authentication['kind'], 'known'>, Refusal>> = {
  unknown: { code: status.UNAUTHENTICATED, details: 'no rule of the bridge lets this agent in' },
  unavailable: {
    code: status.UNAVAILABLE,
    details: 'who this agent is cannot be found out at the moment',
  },
  limited: {
    code: status.RESOURCE_EXHAUSTED,
    details: 'too many links from this address were refused',
  },
};

/** What a call shows of who makes it. */
export function agentCredentialsOf(
  call: Pick<LinkCall, 'metadata' | 'getPeer' | 'getAuthContext'>,
): AgentCredentials {
  const [authorization] = call.metadata.get('authorization');
  // Declared as always there, but null once the call has ended.
  const context = call.getAuthContext() as ReturnType<LinkCall['getAuthContext']> | null;
  const certificate = context?.sslPeerCertificate;
  return {
    authorization: authorization?.toString(),
    subject: certificate && { ...certificate.subject },
    subjectExpiresAtMs: certificate && Date.parse(certificate.valid_to),
    // `getPeer` is `address:port`, without brackets around IPv6.
    remoteAddress: call.getPeer().replace(/:\d+$/, ''),
  };
}

/** `ended` is called once, when the link is. */
function wireOf(call: LinkCall, ended: () => void): LinkWire {
  return {
    send: (message) => {
      if (!call.cancelled && !call.writableEnded) call.write(message);
    },
    get backlog() {
      return call.writableLength;
    },
    end: () => {
      ended();
      if (!call.writableEnded) call.end();
      resetLater(call);
    },
  };
}
