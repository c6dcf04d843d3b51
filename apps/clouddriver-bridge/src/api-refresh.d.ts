/** Routes that have one object read from its cluster and stored: ours, and the form of Clouddriver's. */
import { type ApiHandler } from '@fairlead/api-tunnel';
import { type FastifyInstance } from 'fastify';
import { type ApiClient } from './access/api-client.ts';
/** What the routes need. */
export interface RefreshRoutesDeps {
    /** Who answers for an account; `undefined`: there is no such account. */
    readonly findApi: (account: string) => ApiHandler | undefined;
    /** Who calls. */
    readonly clientOf: (request: object) => ApiClient;
}
/** Adds the routes. */
export declare function addRefreshRoutes(app: FastifyInstance, deps: RefreshRoutesDeps): void;
//# sourceMappingURL=api-refresh.d.ts.map