/** How many dead letters there are, for a scrape that must not wait for a database that is away. */
import { type SqlCache } from '@fairlead/sql-cache';
/** What counting needs. */
export interface DeadLetterCountsDeps {
    /** The database. */
    readonly deadLetters: Pick<SqlCache['deadLetters'], 'countByReason'>;
    /** Time. */
    readonly clock: {
        sleep(ms: number, signal: AbortSignal): Promise<void>;
    };
}
/** The newest count that the database has given. */
export declare class DeadLetterCounts {
    #private;
    constructor(deps: DeadLetterCountsDeps);
    /** By reason, as they are now; as they were when they were counted last if nobody answers. */
    byReason(): Promise<ReadonlyMap<string, number>>;
}
//# sourceMappingURL=dead-letter-counts.d.ts.map