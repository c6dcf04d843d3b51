/** Goes through the rows of one type and picks those that must go, page by page. */
import { type RowKey, type SqlCache } from '@fairlead/sql-cache';
/** Which rows, and which of them stay. */
export interface SweepRequest {
    /** The database. */
    readonly cache: Pick<SqlCache, 'listIds'>;
    /** The rows to go through. */
    readonly rows: {
        /** Clouddriver's cache type. */
        readonly type: string;
        /** The caching agent that owns them. */
        readonly agent: string;
        /** Only this namespace; `''` for all. */
        readonly namespace: string;
    };
    /** Whether a row stays. */
    readonly isKept: (id: string) => boolean;
}
/** Rows that must go in one transaction; the last of them may be none, but always come. */
export interface SweptPage {
    /** Their keys. */
    readonly deletes: readonly RowKey[];
    /** Whether no page follows. */
    readonly isLast: boolean;
}
/** The pages. Rows may be deleted between two of them. */
export declare function sweepRows(request: SweepRequest): AsyncGenerator<SweptPage>;
//# sourceMappingURL=sweep-rows.d.ts.map