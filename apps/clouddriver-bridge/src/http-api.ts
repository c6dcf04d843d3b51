/** The bridge's HTTP port: probes, metrics and the API, with errors as problem documents. */
import { Server as TlsServer } from 'node:tls';
import { healthRoutes, type HealthRegistry, type Logger } from '@fairlead/service-kit';
import { type SqlCache } from '@fairlead/sql-cache';
import { fastify, type FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { type AccountDesk } from './account-desk.ts';
import { addAccountRoutes } from './api-accounts.ts';
import { type ApiClient, type AuthenticateClient } from './access/api-client.ts';
import { clientCredentialsOf } from './access/client-credentials.ts';
import {
  keepTlsFresh,
  tlsOptionsOf,
  type TlsObserver,
  type TlsSecrets,
} from './access/node-tls-material.ts';
import { addDeadLetterRoutes } from './api-dead-letters.ts';
import { addEventRoutes, type EventRoutesDeps } from './api-events.ts';
import { addMoveRoute, type MoveRouteDeps } from './api-move.ts';
import { addObjectRoutes } from './api-objects.ts';
import { addRefreshRoutes, type RefreshRoutesDeps } from './api-refresh.ts';
import { type BridgeView } from './bridge-view.ts';
import { type BridgeConfig } from './config.ts';
import { type GatewayFront } from './gateway/node-gateway-front.ts';
import { createPort, type PortOptions } from './node-http-server.ts';
import { databaseCondition } from './observe-bridge.ts';
import { openApiDocument } from './openapi.ts';
import { ApiError, problem, problemContentType } from './problem-details.ts';

/** What the port serves. */
export interface HttpApiDeps {
  readonly view: BridgeView;
  readonly cache: Pick<SqlCache, 'search' | 'deadLetters'>;
  readonly desk: Pick<AccountDesk, 'writer'>;
  readonly clock: { sleep(ms: number, signal: AbortSignal): Promise<void> };
  readonly accounts: MoveRouteDeps['registry'];
  readonly findApi: RefreshRoutesDeps['findApi'];
  readonly events: MoveRouteDeps['events'];
  readonly authenticate: AuthenticateClient;
  /** Answers what is under `/clusters/`. */
  readonly front: Pick<GatewayFront, 'answer' | 'switch'>;
  /** All changes of all accounts. */
  readonly committed: EventRoutesDeps['events'];
  /** Aborts when the bridge stops. */
  readonly stopping: AbortSignal;
  readonly health: HealthRegistry;
  readonly registry: Registry;
  /** A connection was ended from this side. */
  readonly refused: PortOptions['refused'];
  /** Told when certificates change. */
  readonly tls: TlsObserver;
  /** Where certificates and keys are read. */
  readonly secrets: TlsSecrets;
  readonly log: Logger;
}

/** How long what is being answered may take when the port is closed, ms. */
const closeGraceMs = 3000;
/** When to ask again while the database is away. */
const retryAfterSeconds = 5;

/**
 * In place of fastify's compilers of JSON schemas, which it loads whether there are schemas or not, for
 * 70 ms and 5 MiB: what routes take is checked by zod (`api-query.ts`).
 */
const withoutSchemas = { buildValidator: noSchema, buildSerializer: noSchema } as const;

function noSchema(): never {
  throw new Error('no route of this port has a JSON schema');
}

/** A port that listens. */
export interface RunningHttpApi {
  /** The port it is bound to. */
  readonly port: number;
  /** Finishes what is being answered and closes. */
  close(): Promise<void>;
}

/** Binds and serves; rejects when the address cannot be bound. */
export async function startHttpApi(
  http: BridgeConfig['http'],
  deps: HttpApiDeps,
): Promise<RunningHttpApi> {
  const tls = http.tls && (await tlsOptionsOf(http.tls, deps.secrets));
  const app = createHttpApi(deps, tls);
  const stopWatching =
    http.tls !== undefined && app.server instanceof TlsServer
      ? await keepTlsFresh({
          ...{ server: app.server, files: http.tls, secrets: deps.secrets },
          observer: deps.tls,
        })
      : undefined;
  await app.listen({ host: http.host, port: http.port });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : http.port;
  const close = async (): Promise<void> => {
    await stopWatching?.();
    // Connections that never said anything are not idle to Node.js, and would be waited for.
    const timer = setTimeout(() => app.server.closeAllConnections(), closeGraceMs);
    await app.close();
    clearTimeout(timer);
  };
  return { port, close };
}

/** The application without a port; tests inject requests into it. */
export function createHttpApi(deps: HttpApiDeps, tls?: PortOptions['tls']): FastifyInstance {
  const app: FastifyInstance = fastify({
    forceCloseConnections: 'idle',
    schemaController: { compilersFactory: withoutSchemas },
    serverFactory: (api) => createPort({ api, front: deps.front, tls, refused: deps.refused }),
  });
  const clients = new WeakMap<object, ApiClient>();
  app.addHook('onRequest', async (request) => {
    if (!/^\/(api|cache)\//.test(request.url)) return;
    clients.set(request, await deps.authenticate(clientCredentialsOf(request.raw)));
    const reason = databaseTrouble(deps.health);
    if (reason !== undefined) throw new ApiError(503, `the database does not answer: ${reason}`);
  });
  const clientOf = (request: object): ApiClient => {
    const client = clients.get(request);
    if (client === undefined) throw new ApiError(401, 'not authenticated');
    return client;
  };
  addErrorReplies(app, deps.log);
  addProbes(app, deps);
  addAccountRoutes(app, deps.view, clientOf);
  addMoveRoute(app, { registry: deps.accounts, events: deps.events, clientOf });
  addRefreshRoutes(app, { findApi: deps.findApi, clientOf });
  addObjectRoutes(app, { cache: deps.cache, view: deps.view, clientOf });
  addDeadLetterRoutes(app, {
    letters: deps.cache.deadLetters,
    ...{ desk: deps.desk, clock: deps.clock, clientOf },
  });
  addEventRoutes(app, {
    events: deps.committed,
    ...{ clock: deps.clock, stopping: deps.stopping, clientOf },
  });
  app.get('/api/v1/openapi.json', () => openApiDocument);
  return app;
}

function addErrorReplies(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
    const status = error instanceof ApiError ? error.status : (error.statusCode ?? 500);
    if (status === 500) log.error({ err: error, path: request.routeOptions.url }, 'request failed');
    if (status === 401) reply.header('www-authenticate', 'Bearer');
    const isOurs = error instanceof ApiError || status < 500;
    const detail = isOurs ? error.message : 'the bridge could not answer; see its log';
    const waitSeconds = error instanceof ApiError ? error.retryAfterSeconds : undefined;
    if (status === 503 || waitSeconds !== undefined) {
      reply.header('retry-after', String(waitSeconds ?? retryAfterSeconds));
    }
    return reply.code(status).type(problemContentType).send(problem(status, detail));
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type(problemContentType).send(problem(404, 'there is nothing at this path')),
  );
}

/** Why questions would wait for ever, if they would. */
function databaseTrouble(health: HealthRegistry): string | undefined {
  const condition = health.conditions().find(({ name }) => name === databaseCondition);
  return condition === undefined || condition.isHealthy ? undefined : condition.reason;
}

function addProbes(app: FastifyInstance, { health, registry }: HttpApiDeps): void {
  const paths = { all: '/healthz', live: '/livez', ready: '/readyz' };
  for (const route of healthRoutes(health, paths)) {
    app.get(route.path, async (_request, reply) => {
      const { status, contentType, body } = await route.handle(new URLSearchParams());
      return reply.code(status).type(contentType).send(body);
    });
  }
  app.get('/metrics', async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
