/**
 * The gateway without HTTP: who asks, what they may, which way leads to the cluster, and what is
 * written down of it. `node-gateway-front.ts` brings requests from sockets.
 */
import { type ApiBody, type ApiHandler, type ApiHeaders, type ApiResponse } from '@fairlead/api-tunnel';
import { type AuthenticateClient } from '../access/api-client.ts';
import { type ClientCredentials } from '../access/client-credentials.ts';
/** A request as it came in. */
export interface GatewayCall {
    readonly method: string;
    /** Path and query of the request line. */
    readonly url: string;
    /** Without the client's credentials, and what is of its connection alone. */
    readonly headers: ApiHeaders;
    /** The protocol it asks to switch to, '' for none. */
    readonly upgrade: string;
    readonly body: ApiBody;
    readonly credentials: ClientCredentials;
    /** Aborted when the client has gone, and by the gateway when it may not have the answer any more. */
    readonly ended: AbortController;
}
/** An answer on its way out. */
export interface GatewayExchange {
    readonly response: ApiResponse;
    /** To be called once when the answer is out, or has broken off. */
    end(how: 'whole' | 'broken'): void;
}
/** What the audit log says of a request: never its query, its headers or a body. */
export interface GatewayAudit {
    /** The client, '' if it is not known. */
    readonly client: string;
    /** The user as whom it acts, '' for itself. */
    readonly impersonates: string;
    /** The client's address. */
    readonly remoteAddress: string;
    readonly account: string;
    /** As RBAC names it, '' where the request cannot be read for sure. */
    readonly verb: string;
    readonly method: string;
    /** Path at the API server, without the query. */
    readonly path: string;
    /** Protocol of a switched connection, '' for none. */
    readonly upgrade: string;
    readonly status: number;
    readonly outcome: 'whole' | 'broken';
    readonly durationMs: number;
}
/** What the gateway works with. */
export interface GatewayDeps {
    readonly authenticate: AuthenticateClient;
    /** Who answers for an account; `undefined`: there is no such account. */
    readonly findApi: (account: string) => ApiHandler | undefined;
    readonly clock: {
        nowMs(): number;
    };
    readonly audit: (entry: GatewayAudit) => void;
    /** Something has failed that should not. */
    readonly fault: (error: unknown) => void;
}
/** The gateway. */
export declare class Gateway {
    #private;
    constructor(deps: GatewayDeps);
    /** Answers a call. Never rejects: what goes wrong is an answer, too. */
    begin(call: GatewayCall): Promise<GatewayExchange>;
}
//# sourceMappingURL=gateway.d.ts.map