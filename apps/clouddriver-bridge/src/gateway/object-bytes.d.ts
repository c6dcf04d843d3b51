/** The object in a stored row, byte for byte; `undefined` if there is none. */
export declare function objectInBody(body: Buffer): Uint8Array | undefined;
/** The object with another `metadata.resourceVersion`; as it is, if it has none. */
export declare function withResourceVersion(object: Uint8Array, version: string): Uint8Array;
/** What identifies an object and its version; empty where it is not said. */
export declare function identityOf(object: Uint8Array): {
    readonly uid: string;
    readonly resourceVersion: string;
};
//# sourceMappingURL=object-bytes.d.ts.map