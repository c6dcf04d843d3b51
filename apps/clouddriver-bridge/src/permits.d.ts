/**
 * A bounded number of things at once. Changes go before snapshots, since somebody waits for them;
 * otherwise those that wait go in the order they came.
 */
/** What is to be done: `live` if there are changes in it, `bulk` if it is all snapshot. */
export type WorkUrgency = 'live' | 'bulk';
/** Hands out the permits. */
export declare class Permits {
    #private;
    constructor(count: number);
    /** Runs `work` when a permit is free. */
    with<T>(work: () => Promise<T>, urgency?: WorkUrgency): Promise<T>;
}
//# sourceMappingURL=permits.d.ts.map