/** Whether an object is wanted. */
export type ObjectMatcher = (object: Uint8Array) => boolean;
/** What to select by. */
export interface ObjectSelector {
    /** `undefined`: every object is wanted. */
    readonly matches: ObjectMatcher | undefined;
    /** The one name that an object may have. */
    readonly name: string | undefined;
    /** The one namespace that an object may have. */
    readonly namespace: string | undefined;
}
/** What is selected, and of which resource. */
export interface SelectorTexts {
    readonly labelSelector: string;
    readonly fieldSelector: string;
    /** `pods`, `deployments.apps`. */
    readonly resource: string;
}
/** Reads selectors. Throws {@link CachedReadError} 400. */
export declare function readSelector(texts: SelectorTexts): ObjectSelector;
//# sourceMappingURL=object-selector.d.ts.map