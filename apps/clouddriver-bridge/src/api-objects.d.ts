/** Routes of stored objects: search over all clusters, and one manifest as it is stored. */
import { type SqlCache } from '@fairlead/sql-cache';
import { type FastifyInstance } from 'fastify';
import { type ApiClient } from './access/api-client.ts';
import { type BridgeView } from './bridge-view.ts';
/** What the routes need. */
export interface ObjectRoutesDeps {
    /** The database. */
    readonly cache: Pick<SqlCache, 'search'>;
    /** For `asOf`. */
    readonly view: Pick<BridgeView, 'rowAsOfMs'>;
    /** Who calls. */
    clientOf(request: object): ApiClient;
}
/** Adds the routes. */
export declare function addObjectRoutes(app: FastifyInstance, deps: ObjectRoutesDeps): void;
//# sourceMappingURL=api-objects.d.ts.map