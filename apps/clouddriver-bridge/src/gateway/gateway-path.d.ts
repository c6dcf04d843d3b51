/** Where a request to the gateway leads: `/clusters/{account}` and the rest, which is the cluster's. */
/** A path of the gateway, taken apart. */
export interface GatewayPath {
    readonly account: string;
    /** Path and query for the API server, as the client wrote them; begins with `/`. */
    readonly target: string;
}
/** Whether a request is the gateway's. */
export declare function isGatewayUrl(url: string): boolean;
/** Takes a request's URL apart; `undefined` if it names no account. */
export declare function parseGatewayUrl(url: string): GatewayPath | undefined;
//# sourceMappingURL=gateway-path.d.ts.map