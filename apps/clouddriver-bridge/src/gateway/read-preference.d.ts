/**
 * Whether a request wants to be answered from the cache, and the request without the wish. Pure.
 *
 * Three ways to say it, for clients that can add a query, a header, or neither: `?fairlead=cache`,
 * `Fairlead-Read: cache`, and a path that begins with `/fairlead/cache`. `live` in the query or the
 * header asks the cluster, also for clients whose configuration says otherwise. There is no path for
 * it: what a client may do was decided by the path as it came, and a read with another path in it must
 * not reach the cluster.
 */
import { type ApiRequest } from '@fairlead/api-tunnel';
/** Where a read is answered. */
export type ReadPreference = 'cache' | 'live';
/** What a request asks for. */
export interface PreferredRequest {
    /** `undefined`: neither of the two. */
    readonly preference: ReadPreference | undefined;
    /** The request as the cluster would get it. */
    readonly request: ApiRequest;
    /** Whether the path said so. */
    readonly isByPath: boolean;
}
/** The header. */
export declare const readHeader = "fairlead-read";
/** Reads the wish; of several the path counts most, then the query. */
export declare function readPreference(request: ApiRequest): PreferredRequest;
//# sourceMappingURL=read-preference.d.ts.map