/** How Clouddriver reaches the gateway. Paths are on Clouddriver's machine. */
export interface GatewayAddress {
    /** Without a trailing slash: `https://bridge:9080`. */
    readonly url: string;
    /** PEM of the authorities that sign the gateway's certificate; else the machine's own. */
    readonly caFile?: string | undefined;
    /** The token that kubectl shows; else none. */
    readonly tokenFile?: string | undefined;
}
/** An account as its agent has registered it. */
export interface RegisteredAccount {
    /** Its name. */
    readonly name: string;
    /** What Clouddriver is to know of it. */
    readonly properties: Readonly<Record<string, unknown>>;
    /** Spinnaker kinds that its agent declares. */
    readonly kinds: readonly string[];
}
/** The body of a row of `accounts`, or why there must be none. */
export type DefinitionResult = {
    readonly kind: 'definition';
    readonly body: Readonly<Record<string, unknown>>;
} | {
    readonly kind: 'refused';
    readonly reason: string;
};
/**
 * Makes the body. A property that is not as it should be refuses the whole: leaving it out could
 * show an account to more people, or more of it, than was meant.
 */
export declare function clouddriverDefinition({ name, properties, kinds: declared }: RegisteredAccount, gateway: GatewayAddress): DefinitionResult;
//# sourceMappingURL=clouddriver-definition.d.ts.map