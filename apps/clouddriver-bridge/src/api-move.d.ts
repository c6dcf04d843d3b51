/** The route that gives an account's name to another cluster, after its own was rebuilt. */
import { type AccountRegistry } from '@fairlead/account-registry';
import { type FastifyInstance } from 'fastify';
import { type ApiClient } from './access/api-client.ts';
import { type BridgeEvents } from './bridge-events.ts';
/** What the route works with. */
export interface MoveRouteDeps {
    readonly registry: Pick<AccountRegistry, 'move'>;
    readonly events: Pick<BridgeEvents, 'moveAsked'>;
    /** Who calls. */
    readonly clientOf: (request: object) => ApiClient;
}
/** Adds the route. */
export declare function addMoveRoute(app: FastifyInstance, deps: MoveRouteDeps): void;
//# sourceMappingURL=api-move.d.ts.map