import { type HealthRegistry, type Logger } from '@fairlead/service-kit';
import { type SqlCache } from '@fairlead/sql-cache';
import { type FastifyInstance } from 'fastify';
import { type Registry } from 'prom-client';
import { type AccountDesk } from './account-desk.ts';
import { type AuthenticateClient } from './access/api-client.ts';
import { type TlsObserver } from './access/node-tls-material.ts';
import { type EventRoutesDeps } from './api-events.ts';
import { type MoveRouteDeps } from './api-move.ts';
import { type RefreshRoutesDeps } from './api-refresh.ts';
import { type BridgeView } from './bridge-view.ts';
import { type BridgeConfig } from './config.ts';
import { type GatewayFront } from './gateway/node-gateway-front.ts';
import { type PortOptions } from './node-http-server.ts';
/** What the port serves. */
export interface HttpApiDeps {
    readonly view: BridgeView;
    readonly cache: Pick<SqlCache, 'search' | 'deadLetters'>;
    readonly desk: Pick<AccountDesk, 'writer'>;
    readonly clock: {
        sleep(ms: number, signal: AbortSignal): Promise<void>;
    };
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
    readonly log: Logger;
}
/** A port that listens. */
export interface RunningHttpApi {
    /** The port it is bound to. */
    readonly port: number;
    /** Finishes what is being answered and closes. */
    close(): Promise<void>;
}
/** Binds and serves; rejects when the address cannot be bound. */
export declare function startHttpApi(http: BridgeConfig['http'], deps: HttpApiDeps): Promise<RunningHttpApi>;
/** The application without a port; tests inject requests into it. */
export declare function createHttpApi(deps: HttpApiDeps, tls?: PortOptions['tls']): FastifyInstance;
//# sourceMappingURL=http-api.d.ts.map