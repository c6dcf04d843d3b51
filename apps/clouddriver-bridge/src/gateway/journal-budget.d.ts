/** How much all journals of a bridge may remember. */
/** What journals may hold, bytes of objects. */
export interface JournalLimits {
    /** Of all kinds of all accounts together. */
    readonly totalBytes: number;
    /** Of one kind of one account. */
    readonly perKindBytes: number;
}
/** 16 MiB are some 2,500 changes of pods, with what was before and what is after. */
export declare const journalLimits: JournalLimits;
/** Counts what is held. */
export declare class JournalBudget {
    #private;
    constructor(limits?: JournalLimits);
    /** Bytes held, of all journals. */
    get bytes(): number;
    /** So many bytes more are held, or less. */
    add(bytes: number): void;
    /** Whether a kind that holds so many must let go of some: the kinds that change most do. */
    isOver(kindBytes: number): boolean;
}
//# sourceMappingURL=journal-budget.d.ts.map