import { type FastifyInstance } from 'fastify';
import { type ApiClient } from './access/api-client.ts';
import { type CommittedEvent, type CommittedEvents } from './gateway/committed-events.ts';
/** What the route needs. */
export interface EventRoutesDeps {
    readonly events: Pick<CommittedEvents, 'listen' | 'read' | 'tip' | 'idOf' | 'placeAfter'>;
    readonly clock: {
        sleep(ms: number, signal: AbortSignal): Promise<void>;
    };
    /** Aborts when the bridge stops: streams end then. */
    readonly stopping: AbortSignal;
    /** Who calls. */
    clientOf(request: object): ApiClient;
}
/** One stream. */
interface EventStream extends EventRoutesDeps {
    readonly isWanted: (event: CommittedEvent) => boolean;
    /** `undefined`: from now on. */
    readonly lastEventId: string | undefined;
    /** Aborts when the client has gone, or may not listen any more. */
    readonly gone: AbortSignal;
}
/** Adds the route. */
export declare function addEventRoutes(app: FastifyInstance, deps: EventRoutesDeps): void;
/**
 * The text of the stream. `event: change` for each change; `event: lost` first when what followed
 * `Last-Event-ID` is not remembered: whoever keeps a copy must read it anew.
 */
export declare function eventLines(stream: EventStream): AsyncGenerator<string, void, undefined>;
export {};
//# sourceMappingURL=api-events.d.ts.map