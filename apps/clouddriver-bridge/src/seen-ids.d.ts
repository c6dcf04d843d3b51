/** Words of 32 bits that stand for an id. */
export declare const wordsPerId = 2;
/**
 * A set that only grows. Of a million ids, the chance that two of them are one to it is 1 in 37
 * million; a row that is gone would then stay until it is compared with the cluster again.
 */
export declare class SeenIds {
    #private;
    /** Ids added. */
    get size(): number;
    /** Adds an id; adding it again changes nothing. */
    add(id: string): void;
    /** Adds an id as {@link wordsOf} gives it. */
    addWords(words: Uint32Array): void;
    /** Whether the id was added. */
    has(id: string): boolean;
}
/** What stands for an id in this process; the first word is never 0. */
export declare function wordsOf(id: string): Uint32Array;
//# sourceMappingURL=seen-ids.d.ts.map