/**
 * Which requests ask what an API server offers (discovery and OpenAPI), and which of them have the
 * same answer. Pure.
 */
import { type ApiHeaders, type ApiRequest } from '@fairlead/api-tunnel';
/** A request whose answer may be kept for others. */
export interface DiscoveryRequest {
    /** Equal for requests that have the same answer. */
    readonly key: string;
    /** What to send to the cluster for it: without what differs from client to client. */
    readonly target: string;
    /** What to send to the cluster for it. */
    readonly headers: ApiHeaders;
    /** The address names its content by a hash: it never has another one. */
    readonly isImmutable: boolean;
}
/**
 * The request as one of discovery; `undefined` when it is none, or when the answer may depend on who
 * asks: requests in another's name are answered by the cluster alone.
 */
export declare function discoveryRequestOf(request: ApiRequest): DiscoveryRequest | undefined;
/** Whether a client that has sent `If-None-Match` has the answer of this `etag` already. */
export declare function hasAlready(ifNoneMatch: string | undefined, etag: string): boolean;
//# sourceMappingURL=discovery-request.d.ts.map