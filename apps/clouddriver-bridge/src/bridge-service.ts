/** Starts a bridge and stops it: what starts after what, what stops before what. */
import { defaultCachedKinds, nativeKinds } from '@fairlead/clouddriver-model';
import { nodeTimers } from '@fairlead/service-kit';
import { createAgentAuthenticator } from './access/agent-authenticator.ts';
import { type AuthenticateClient } from './access/api-client.ts';
import { createClientAuthenticator } from './access/client-authenticator.ts';
import { createTokenChecks } from './access/node-token-checks.ts';
import { AntiEntropy } from './anti-entropy.ts';
import { openBridgeBase, type BridgeBase, type BridgeDeps } from './bridge-base.ts';
import { registerBridgeGauges } from './bridge-gauges.ts';
import { assembleBridge, type BridgeParts } from './bridge-parts.ts';
import { keepLooking } from './bridge-peers.ts';
import { DeadLetterCounts } from './dead-letter-counts.ts';
import { Gateway } from './gateway/gateway.ts';
import { GatewayFront } from './gateway/node-gateway-front.ts';
import { startLinkServer, type RunningLinkServer } from './grpc-link-server.ts';
import { startHttpApi, type RunningHttpApi } from './http-api.ts';
import { stopLinks, withinMs } from './stop-links.ts';
import { watchDatabase } from './watch-database.ts';

export type { BridgeDeps } from './bridge-base.ts';

/** A bridge that takes links. */
export interface RunningBridge {
  /** Where agents connect to. */
  readonly grpcPort: number;
  /** Probes, metrics and API. */
  readonly httpPort: number;
}

/** A bridge, whole. */
interface Whole {
  readonly base: BridgeBase;
  readonly parts: BridgeParts;
  readonly tokenChecks: ReturnType<typeof createTokenChecks>;
}

/** How long a bridge that stops waits for the database to forget it, in milliseconds. */
const leaveMs = 2000;

/** Starts everything. Resolves when agents may connect, which waits for the database. */
export async function startBridge(deps: BridgeDeps): Promise<RunningBridge> {
  const base = await openBridgeBase(deps);
  const parts = assembleBridge(base);
  const { lifecycle, clock, cache, log, config } = base;
  const { peers, peerApis, accounts, desk, door } = parts;
  const whole = { base, parts, tokenChecks: createTokenChecks({ clock, secrets: base.secrets }) };
  registerGauges(whole);
  lifecycle.onStop('ways to other bridges', () => {
    peerApis.close();
    return Promise.resolve();
  });
  const http = await serveHttp(whole);
  await cache.ready(lifecycle.signal);
  // So that the first agent's snapshots find them made.
  cache.prepareTypes([...defaultCachedKinds, 'applications', 'clusters', ...nativeKinds]);
  await peers.start();
  lifecycle.onStop('bridge peers', () => withinMs(clock, peers.leave(), leaveMs));
  await accounts.load();
  desk.serve(accounts);
  keepUp(whole);
  const links = await serveLinks(whole);
  door.opened(links.port);
  const { random, health } = base;
  const { tunnels } = parts;
  lifecycle.onStop('links', () =>
    stopLinks({ clock, random, health, desk, accounts, links, tunnels }),
  );
  log.info({ host: config.grpc.host, port: links.port }, 'agents may connect');
  return { grpcPort: links.port, httpPort: http.port };
}

function registerGauges({ base, parts }: Whole): void {
  const { cache, clock, registry } = base;
  const { desk, view, credits, tunnels, answers, peers } = parts;
  const letters = new DeadLetterCounts({ deadLetters: cache.deadLetters, clock });
  registerBridgeGauges(registry, {
    links: () => desk.sessions().length,
    replicas: () => peers.counts(),
    accounts: () => view.states(),
    objects: () => view.knownObjects(),
    feeds: () => view.feedStates(),
    lagMs: () => view.lagsMs(),
    heldBytes: () => ({ held: credits.heldBytes, limit: credits.limitBytes }),
    deadLetters: () => letters.byReason(),
    tunnels: () => tunnels.counts(),
    rememberedBytes: () => ({
      discovery: answers.discovery.keptBytes,
      changes: answers.journals.bytes,
    }),
  });
}

/** Probes, metrics, API and gateway. */
async function serveHttp(whole: Whole): Promise<RunningHttpApi> {
  const { base, parts } = whole;
  const { config, lifecycle, clock, events, log, cache, health, registry } = base;
  const { view, accounts, desk, findApi, answers } = parts;
  const authenticate = authenticateClients(whole);
  const gateway = new Gateway({
    ...{ authenticate, findApi, clock },
    audit: (entry) => events.gatewayAnswered(entry),
    fault: (error) => events.gatewayFailed(error),
  });
  const http = await startHttpApi(config.http, {
    ...{ view, accounts, cache, desk, events, clock, health, registry, log, findApi, authenticate },
    front: new GatewayFront({ gateway }),
    committed: answers.committed,
    stopping: lifecycle.signal,
    secrets: base.secrets,
    refused: (reason) => events.connectionRefused('clients', reason),
    tls: {
      reloaded: () => events.certificatesRead(),
      notReloaded: (error) => events.certificatesRead(error),
    },
  });
  lifecycle.onStop('http', () => http.close());
  log.info({ host: config.http.host, port: http.port }, 'HTTP is served');
  return http;
}

function authenticateClients({ base, parts, tokenChecks }: Whole): AuthenticateClient {
  const { config, lifecycle, clock, events } = base;
  const clients = createClientAuthenticator(config.auth.clients, {
    ...{ readFile: tokensOf(base.secrets), tokenChecks, clock },
    propertiesOf: (account) => parts.accounts.view(account)?.facts.properties,
    refused: (refusal) => events.clientRefused(refusal),
  });
  void clients.run(lifecycle.signal);
  return clients.authenticate;
}

/** What goes on by itself until the process stops. */
function keepUp({ base, parts }: Whole): void {
  const { config, lifecycle, clock, random, events, log, cache, health, database } = base;
  const { permits, desk, presence, peers, accounts } = parts;
  const { signal } = lifecycle;
  const antiEntropy = new AntiEntropy({
    ...{ cache, permits, clock, events, random },
    accounts: () => desk.audited(),
    intervalMs: config.antiEntropy.intervalSeconds * 1000,
  });
  void antiEntropy.run(signal);
  void presence.keepUp(signal, (account) => antiEntropy.hasten(account));
  void keepLooking({
    ...{ peers, registry: accounts, clock, signal },
    failed: (error) => log.error({ err: error }, 'other bridges cannot be looked at'),
  });
  void watchDatabase({ cache, health, database, clock, signal });
}

/** Links, tunnels, and the door for other bridges. */
async function serveLinks({ base, parts, tokenChecks }: Whole): Promise<RunningLinkServer> {
  const { config, lifecycle, clock, events } = base;
  const { desk, tunnels, door, peers, findApi } = parts;
  const agents = createAgentAuthenticator(config.auth.agents, {
    ...{ readFile: tokensOf(base.secrets), tokenChecks, clock },
  });
  void agents.run(lifecycle.signal);
  return startLinkServer(config.grpc, {
    ...{ authenticate: agents.authenticate, host: desk, clock, events },
    limits: config.limits,
    secrets: base.secrets,
    tunnels: { tunnels, clock: nodeTimers },
    peers: door.server({
      peers,
      findHandler: (account) => findApi(account, 'bridge'),
      refused: (peer, reason) => events.peerRefused(peer, reason),
      fault: (error) => events.gatewayFailed(error),
    }),
  });
}

/** Reads token files, and tokens that are references. */
function tokensOf(secrets: BridgeBase['secrets']): (option: string) => Promise<string> {
  return async (option) => (await secrets.content(option)).toString('utf8');
}
