/** Most links at a time. */
export interface LinkPlaceLimits {
    /** From one address; a proxy makes one of many. */
    readonly linksPerAddress: number;
    /** By one rule, token subject or certificate subject. */
    readonly linksPerIdentity: number;
}
/** Places for links. */
export declare class LinkPlaces {
    #private;
    constructor(limits: LinkPlaceLimits);
    /** Takes a place; the answer gives it back, once. `undefined`: there is none left. */
    take(remoteAddress: string, identity: string): (() => void) | undefined;
}
//# sourceMappingURL=link-places.d.ts.map