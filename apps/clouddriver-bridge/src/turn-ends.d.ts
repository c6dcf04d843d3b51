/** The ends of a writer's turns, for those who wait until what it has taken is in the database. */
/** Told of each end, tells those who wait. */
export declare class TurnEnds {
    #private;
    /** A turn is over, or the writer has nothing more to do. */
    ended(): void;
    /**
     * Resolves when everything taken so far is committed: one unit is being committed, one is being
     * gathered.
     */
    untilCommitted(isRunning: () => boolean): Promise<void>;
}
//# sourceMappingURL=turn-ends.d.ts.map