/**
 * What the objects of one kind were before they changed, for as long as it is remembered: a list
 * that is read page by page shows all objects as they were when it began.
 */
import { type JournalBudget } from './journal-budget.ts';
/** An object before a change; `undefined`: there was none. */
export type BeforeImage = Uint8Array | undefined;
interface Entry {
    readonly id: string;
    readonly before: BeforeImage;
}
/** The changes of one kind in the order of commits. */
export declare class RowHistory {
    #private;
    constructor(budget: JournalBudget);
    /** How many changes there have been. */
    get tip(): number;
    /** A row was changed. */
    add(id: string, before: BeforeImage): void;
    /** Nothing is remembered any more. */
    clear(): void;
    /** The changes from one position on; `undefined` if not all of them are remembered. */
    from(position: number): readonly Entry[] | undefined;
}
/** The objects as they were at one position of a history. */
export declare class PastRows {
    #private;
    constructor(history: RowHistory, position?: number);
    /** Takes in what has changed since; false if that is not remembered: the past cannot be told. */
    refresh(): boolean;
    /** Whether an object has changed since. */
    has(id: string): boolean;
    /** What it was then. */
    get(id: string): BeforeImage;
    /** Objects that have changed since, and were there then. */
    idsThen(): readonly string[];
}
export {};
//# sourceMappingURL=row-history.d.ts.map