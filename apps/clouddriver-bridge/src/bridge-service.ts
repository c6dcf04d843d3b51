/** Puts a bridge together and takes it apart: what starts after what, what stops before what. */
import { readFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { AccountRegistry } from '@fairlead/account-registry';
import {
  createMetricsRegistry,
  HealthRegistry,
  nodeTimers,
  type Clock,
  type Lifecycle,
  type Logger,
  type Random,
} from '@fairlead/service-kit';
import { openSqlCache } from '@fairlead/sql-cache';
import { AccountDesk } from './account-desk.ts';
import { AntiEntropy } from './anti-entropy.ts';
import { createAgentAuthenticator } from './access/agent-authenticator.ts';
import { createClientAuthenticator } from './access/client-authenticator.ts';
import { createTokenChecks } from './access/node-token-checks.ts';
import { BridgePeers, keepLooking } from './bridge-peers.ts';
import { BridgeView } from './bridge-view.ts';
import { ClouddriverPresence, type PresenceOptions } from './clouddriver-presence.ts';
import { isBesideClouddriver, type BridgeConfig } from './config.ts';
import { CreditLedger } from './credit-ledger.ts';
import { databasePlace } from './database-place.ts';
import { DeadLetterCounts } from './dead-letter-counts.ts';
import { startLinkServer, type RunningLinkServer } from './grpc-link-server.ts';
import { createClusterAnswers } from './gateway/cluster-answers.ts';
import { createFindApi } from './gateway/find-api.ts';
import { Gateway } from './gateway/gateway.ts';
import { GatewayFront } from './gateway/node-gateway-front.ts';
import { readYourWrites } from './gateway/read-your-writes.ts';
import { refreshLayer } from './gateway/refresh-object.ts';
import { Tunnels } from './gateway/tunnels.ts';
import { startHttpApi } from './http-api.ts';
import { createBridgeMetrics, registerBridgeGauges } from './metrics.ts';
import { databaseFails, observeBridge, observeDatabase } from './observe-bridge.ts';
import { OwnDoor } from './peers/own-door.ts';
import { Permits } from './permits.ts';
import { RowCounts } from './row-counts.ts';
import { createSqlRegistryStore } from './sql-registry-store.ts';
import { watchDatabase } from './watch-database.ts';

/** What a bridge is given. */
export interface BridgeDeps {
  readonly config: BridgeConfig;
  readonly lifecycle: Lifecycle;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
  /** Name of this process, unique among all bridges. */
  readonly bridgeId: string;
}

/** A bridge that takes links. */
export interface RunningBridge {
  /** Where agents connect to. */
  readonly grpcPort: number;
  /** Probes, metrics and API. */
  readonly httpPort: number;
}

/** Least credit of an account: a link that sends batches of 256 KiB one by one still works. */
const leastCreditBytes = 256 * 1024;
/** Connections of the pool that are left for the API, the registry and sweeps. */
const reservedConnections = 2;
/** Parts of the 25 s that a process has to stop. */
const [drainMs, requestsMs, registryMs, linksMs] = [10_000, 3000, 2000, 3000];
/** How often it is seen whether requests are still being answered, in milliseconds. */
const requestsLookMs = 50;
/** Agents that are sent away come back spread over this time for each of them, up to a minute. */
const [returnFirstMs, returnPerLinkMs, returnMostMs] = [500, 20, 60_000];

/** Starts everything. Resolves when agents may connect, which waits for the database. */
export async function startBridge(deps: BridgeDeps): Promise<RunningBridge> {
  const { config, lifecycle, log, clock, bridgeId } = deps;
  const health = new HealthRegistry(clock);
  const database = databasePlace(config.sql.url);
  databaseFails({ health, database }, 'not reached yet');
  const registry = createMetricsRegistry();
  const metrics = createBridgeMetrics(registry);
  const counts = new RowCounts((account) => cache.countRows(account), clock);
  const observer = { log, metrics, health, counts, database, clock };
  const cache = await openSqlCache({
    ...config.sql,
    clock,
    random: deps.random,
    observer: observeDatabase(observer),
  });
  lifecycle.onStop('database', () => cache.close());

  const credits = new CreditLedger({
    totalBytes: config.budget.inFlightBytes,
    perAccountBytes: config.budget.inFlightBytesPerAccount,
    leastBytes: Math.min(leastCreditBytes, config.budget.inFlightBytesPerAccount),
  });
  const events = observeBridge(observer);
  const permits = new Permits(Math.max(1, config.sql.pool.max - reservedConnections));
  const presence = new ClouddriverPresence(presenceOptions(config, bridgeId), {
    ...{ cache, clock, events },
  });
  const gracePeriodMs = config.registry.gracePeriodSeconds * 1000;
  const tunnels = new Tunnels(nodeTimers);
  const answers = createClusterAnswers({
    ...{ cache, clock, random: deps.random, newId: randomUUID, events },
    view: (account) => accounts.view(account),
    elsewhere: (account) => peerApi(account),
  });
  const { journals } = answers;
  const desk = new AccountDesk({
    ...{ bridgeId, cache, permits, credits, presence, gracePeriodMs, clock, events, tunnels },
    journals,
  });
  const door = new OwnDoor({
    ...{ grpc: config.grpc, bridgeId, clock: nodeTimers },
    unreachable: (peer, error) => events.peerUnreachable(peer, error),
  });
  const peers = new BridgePeers({ cache, bridgeId, door: () => door.describe() });
  const peerApis = door.apisOf(peers);
  lifecycle.onStop('ways to other bridges', () => {
    peerApis.close();
    return Promise.resolve();
  });
  const store = createSqlRegistryStore({ cache, bridgeId, peers, presence });
  const accounts = new AccountRegistry({ store, clock, listener: desk }, { gracePeriodMs });
  const view = new BridgeView({ registry: accounts, desk, cache, counts, peers, bridgeId, clock });
  const letters = new DeadLetterCounts({ deadLetters: cache.deadLetters, clock });
  registerBridgeGauges(registry, {
    links: () => desk.sessions().length,
    accounts: () => view.states(),
    lagMs: () => view.lagsMs(),
    heldBytes: () => credits.heldBytes,
    deadLetters: () => letters.byReason(),
    tunnels: () => tunnels.counts(),
    rememberedBytes: () => ({ discovery: answers.discovery.keptBytes, changes: journals.bytes }),
  });

  const readToken = (path: string) => readFile(path, 'utf8');
  const tokenChecks = createTokenChecks(clock);
  const clients = createClientAuthenticator(config.auth.clients, {
    ...{ readFile: readToken, tokenChecks, clock },
    propertiesOf: (account) => accounts.view(account)?.facts.properties,
    refused: (refusal) => events.clientRefused(refusal),
  });
  void clients.run(lifecycle.signal);
  const peerApi = (account: string) =>
    peerApis.handlerOf(accounts.view(account)?.bridgeId ?? bridgeId, account);
  const findApi = createFindApi({
    isKnown: (account) => accounts.view(account) !== undefined,
    liveApi: (account) => desk.liveApi(account),
    peerApi,
    layers: [
      ...answers.layers,
      refreshLayer({ writerOf: (account) => desk.writer(account), clock }),
      readYourWrites({
        writerOf: (account) => desk.writer(account),
        clock,
        settled: (_account, fate) => events.writtenAhead(fate),
        fault: (error) => events.gatewayFailed(error),
      }),
    ],
  });
  const gateway = new Gateway({
    authenticate: clients.authenticate,
    findApi,
    clock,
    audit: (entry) => events.gatewayAnswered(entry),
    fault: (error) => events.gatewayFailed(error),
  });
  const http = await startHttpApi(config.http, {
    ...{ view, accounts, cache, desk, events, clock, health, registry, log, findApi },
    authenticate: clients.authenticate,
    front: new GatewayFront({ gateway }),
    committed: answers.committed,
    stopping: lifecycle.signal,
    refused: (reason) => events.connectionRefused('clients', reason),
    tls: {
      reloaded: () => events.certificatesRead(),
      notReloaded: (error) => events.certificatesRead(error),
    },
  });
  lifecycle.onStop('http', () => http.close());
  log.info({ host: config.http.host, port: http.port }, 'HTTP is served');

  await cache.ready(lifecycle.signal);
  await peers.start();
  lifecycle.onStop('bridge peers', () => withinMs(clock, peers.leave(), registryMs));
  await accounts.load();
  desk.serve(accounts);
  const antiEntropy = new AntiEntropy({
    ...{ cache, permits, clock, events, random: deps.random },
    accounts: () => desk.audited(),
    intervalMs: config.antiEntropy.intervalSeconds * 1000,
  });
  void antiEntropy.run(lifecycle.signal);
  void presence.keepUp(lifecycle.signal, (account) => antiEntropy.hasten(account));
  void keepLooking({
    ...{ peers, registry: accounts, clock, signal: lifecycle.signal },
    failed: (error) => log.error({ err: error }, 'other bridges cannot be looked at'),
  });
  void watchDatabase({ cache, health, database, clock, signal: lifecycle.signal });
  const agents = createAgentAuthenticator(config.auth.agents, {
    ...{ readFile: readToken, tokenChecks, clock },
  });
  void agents.run(lifecycle.signal);
  const links = await startLinkServer(config.grpc, {
    ...{ authenticate: agents.authenticate, host: desk, clock, events },
    limits: config.limits,
    tunnels: { tunnels, clock: nodeTimers },
    peers: door.server({
      peers,
      findHandler: (account) => findApi(account, 'bridge'),
      refused: (peer, reason) => events.peerRefused(peer, reason),
      fault: (error) => events.gatewayFailed(error),
    }),
  });
  door.opened(links.port);
  lifecycle.onStop('links', () => stopLinks({ ...deps, health, desk, accounts, links, tunnels }));
  log.info({ host: config.grpc.host, port: links.port }, 'agents may connect');
  return { grpcPort: links.port, httpPort: http.port };
}

function presenceOptions({ clouddriver, sql }: BridgeConfig, bridgeId: string): PresenceOptions {
  const { enabled, gatewayUrl, gatewayCaFile: caFile, gatewayTokenFile } = clouddriver.accounts;
  const isWanted = enabled && gatewayUrl !== undefined;
  const gateway = { caFile, tokenFile: gatewayTokenFile };
  return {
    gateway: isWanted ? { url: gatewayUrl.replace(/\/+$/, ''), ...gateway } : undefined,
    lockAgents: clouddriver.lockAgents && isBesideClouddriver(sql),
    owner: `fairlead:${bridgeId}`,
  };
}

/**
 * Takes no more batches, commits and acknowledges what is there, sends every agent away with a time
 * to come back. Nothing is decided about accounts on the way: the next bridge finds them as they are.
 */
async function stopLinks(
  deps: BridgeDeps & {
    readonly health: HealthRegistry;
    readonly desk: AccountDesk;
    readonly accounts: AccountRegistry;
    readonly links: RunningLinkServer;
    readonly tunnels: Pick<Tunnels, 'counts'>;
  },
): Promise<void> {
  const { clock, random, health, desk, accounts, links, tunnels } = deps;
  health.set('stopping', {
    impact: 'readiness',
    isHealthy: false,
    reason: 'the bridge is stopping',
  });
  const sessions = desk.sessions();
  for (const session of sessions) session.send({ $case: 'drain', value: { deadlineMs: drainMs } });
  await withinMs(clock, desk.idle(), drainMs);
  await finishRequests(tunnels, clock);
  await withinMs(clock, accounts.close(), registryMs);
  desk.close();
  const spreadMs = Math.min(returnMostMs, sessions.length * returnPerLinkMs);
  for (const session of sessions) {
    const afterMs = Math.round(returnFirstMs + random.next() * spreadMs);
    session.reconnect(afterMs, 'the bridge is stopping');
  }
  await links.stop(linksMs);
}

/** Requests that are being answered may end; watches and connections do not, and are not waited for. */
async function finishRequests(tunnels: Pick<Tunnels, 'counts'>, clock: Clock): Promise<void> {
  const untilMs = clock.nowMs() + requestsMs;
  const { signal } = new AbortController();
  while (tunnels.counts().busy > 0 && clock.nowMs() < untilMs) {
    await clock.sleep(requestsLookMs, signal);
  }
}

/** Waits for `work`, but no longer than `ms`. */
async function withinMs(clock: Clock, work: Promise<void>, ms: number): Promise<void> {
  const done = new AbortController();
  const timeout = clock.sleep(ms, done.signal).catch(() => undefined); // Ended below.
  await Promise.race([work, timeout]);
  done.abort();
}
