/** Has what was found committed, with some patience while a feed takes a snapshot. */
import { type AheadFate, type AheadObject } from '../ahead-object.ts';
/** What it is committed with. */
export interface CommitFoundDeps {
    /** The account's writer at the moment when the question was asked: no later one knows the answer. */
    readonly writer: {
        writeAhead(found: AheadObject): Promise<AheadFate>;
    };
    /** Time. */
    readonly clock: {
        nowMs(): number;
        sleep(ms: number, signal: AbortSignal): Promise<void>;
    };
    /** How long it may take until it is tried the last time, in ms. */
    readonly patienceMs: number;
    readonly signal: AbortSignal;
}
/** Resolves when it is in the database, or will not be by this way. */
export declare function commitFound(found: AheadObject, deps: CommitFoundDeps): Promise<AheadFate>;
//# sourceMappingURL=commit-found.d.ts.map