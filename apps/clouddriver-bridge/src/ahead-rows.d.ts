/** What is known of a row. */
interface AheadRow {
    /** The row is what the object was, or its absence, at this resourceVersion. */
    readonly resourceVersion: string;
    /** Epoch milliseconds, by the bridge's clock. */
    readonly writtenAtMs: number;
}
/** The rows of one feed by id. */
export declare class AheadRows {
    #private;
    constructor(rows?: Iterable<readonly [string, AheadRow]>);
    /** As they stood in a checkpoint; of a text that is none, nothing. */
    static from(text: string): AheadRows;
    /** Whether there are any. */
    get isEmpty(): boolean;
    /** As they stand in a checkpoint; `''` for none. */
    get text(): string;
    /** Whether there is room for a row, after those that have lived too long were forgotten. */
    hasRoomFor(id: string, nowMs: number): boolean;
    /** A row is written ahead. */
    add(id: string, row: AheadRow): void;
    /** Whether a row is newer than a resourceVersion, as far as it is known here. */
    isPast(id: string, resourceVersion: string, nowMs: number): boolean;
    /** Whether a row is as old as this, or newer. */
    isAtOrPast(id: string, resourceVersion: string, nowMs: number): boolean;
    /** The feed has got to a resourceVersion: rows up to there are the feed's own again. */
    reached(resourceVersion: string): void;
}
export {};
//# sourceMappingURL=ahead-rows.d.ts.map