/** What matters of a request. */
export interface VerbRequest {
    readonly method: string;
    /** Path and query at the API server. */
    readonly target: string;
    readonly upgrade: string;
}
/** What it wants. */
export interface WantedVerb {
    /** As RBAC names it: `get`, `list`, `watch`, `create`, ...; '' where nobody can be sure. */
    readonly verb: string;
    /** What the client must be allowed. What cannot be read for sure may change something. */
    readonly access: 'read' | 'write';
}
/** Reads a request; the agent reads it again, and refuses what is ambiguous. */
export declare function wantedVerb({ method, target, upgrade }: VerbRequest): WantedVerb;
//# sourceMappingURL=gateway-verb.d.ts.map