/** Routes of accounts, their feeds, agents, and the replicas of the bridge. */
import { type FastifyInstance } from 'fastify';
import { type ApiClient } from './access/api-client.ts';
import { type BridgeView } from './bridge-view.ts';
/** Adds the routes. `clientOf` gives who calls. */
export declare function addAccountRoutes(app: FastifyInstance, view: BridgeView, clientOf: (request: object) => ApiClient): void;
//# sourceMappingURL=api-accounts.d.ts.map