/** Whether a client takes objects as plain JSON, the one form that they are kept in. Pure. */
/**
 * Reads an `Accept` header. Clients that would rather have a Table or protobuf name plain JSON beside
 * it, as kubectl and client-go do.
 */
export declare function acceptsJson(accept: string | undefined): boolean;
//# sourceMappingURL=accepts-json.d.ts.map