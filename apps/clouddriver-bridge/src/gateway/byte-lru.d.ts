/** A bounded store of things with sizes: what was not used for longest goes first. Pure. */
/** How much may be kept. */
export interface ByteLruLimits {
    /** Of all owners together. */
    readonly totalBytes: number;
    /** Of one owner. */
    readonly perOwnerBytes: number;
}
interface Kept<Value> {
    readonly value: Value;
    readonly bytes: number;
}
/** Keeps values by owner and key. */
export declare class ByteLru<Value> {
    #private;
    constructor(limits: ByteLruLimits);
    /** Bytes kept, of all owners. */
    get totalBytes(): number;
    /** A value, which counts as used. */
    get(owner: string, key: string): Value | undefined;
    /** Keeps a value in the place of what was there; one that is larger than all room is not kept. */
    set(owner: string, key: string, { value, bytes }: Kept<Value>): void;
    /** Keeps a value no longer. */
    delete(owner: string, key: string): void;
    /** Keeps nothing of an owner that `isGone` says so of. */
    deleteOf(owner: string, isGone: (value: Value) => boolean): void;
}
export {};
//# sourceMappingURL=byte-lru.d.ts.map