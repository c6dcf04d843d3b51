/** Where it is. */
export interface JwksPlace {
    readonly url: string;
    /** PEM of the authorities. @defaultValue those that Node.js knows */
    readonly caFile: string | undefined;
}
/** The text. Rejects with what went wrong. */
export declare function readJwks({ url, caFile }: JwksPlace): Promise<string>;
//# sourceMappingURL=node-jwks-client.d.ts.map