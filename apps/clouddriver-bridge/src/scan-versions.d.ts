import { type SqlCache } from '@fairlead/sql-cache';
import { type FeedIntake } from './feed-intake.ts';
import { type Permits } from './permits.ts';
import { type RowState } from './row-versions.ts';
/** What is read with. */
export interface ScanDeps {
    /** The database. */
    readonly cache: Pick<SqlCache, 'listIds' | 'versionsOf'>;
    /** How many work with the database at once. */
    readonly permits: Permits;
}
/** A row and what it holds. */
export interface ScannedRow {
    /** The row's id. */
    readonly id: string;
    /** What it holds. */
    readonly state: RowState;
}
/** The feed's rows in pieces, until the last or until nobody wants them. */
export declare function scanVersions(intake: FeedIntake, { cache, permits }: ScanDeps): AsyncGenerator<readonly ScannedRow[]>;
//# sourceMappingURL=scan-versions.d.ts.map