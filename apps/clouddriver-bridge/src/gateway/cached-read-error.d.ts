/** Why a read is not answered from the cache, as the answer that says so. */
import { type ApiResponse } from '@fairlead/api-tunnel';
/**
 * - 400: the request cannot be read; the client must mend it.
 * - 403: the cache does not know what the client may see in another's name.
 * - 404: not cached, or there is no such object; the message says which.
 * - 405: what cannot be done with this resource from the cache.
 * - 406: in none of the forms that the client takes.
 * - 410: what the request goes on from is not known any more; the client must list again.
 * - 503, 504: not now; asking again helps.
 */
export type CachedReadStatus = 400 | 403 | 404 | 405 | 406 | 410 | 503 | 504;
/** A read that is refused. */
export declare class CachedReadError extends Error {
    readonly name = "CachedReadError";
    readonly status: CachedReadStatus;
    /** When asking again may help, s; 0: no use. */
    readonly retryAfterSeconds: number;
    constructor(status: CachedReadStatus, message: string, retryAfterSeconds?: number);
    /** The answer. */
    get response(): ApiResponse;
}
//# sourceMappingURL=cached-read-error.d.ts.map