/** Makes dead letters: of objects that cannot become rows, and of rows that the database refuses. */
import { type Projection } from '@fairlead/clouddriver-model';
import { type DeltaRecord } from '@fairlead/protocol';
import { type DeadLetter, type RowKey } from '@fairlead/sql-cache';
import { type PayloadFeed } from './dead-letter-payload.ts';
/** The feed that something came from, and the row that there would be. */
export interface LetterOrigin {
    /** The account. */
    readonly account: string;
    /** The feed. */
    readonly feed: PayloadFeed;
    /** Clouddriver's cache type. */
    readonly type: string;
    /** The row's id. */
    readonly rowId: string;
}
/** An object with its names, as it came over the link. */
export type ObjectRecord = Pick<DeltaRecord, 'namespace' | 'name' | 'uid' | 'resourceVersion' | 'object'>;
/** An object that cannot become a row. */
export declare function letterOfObject(origin: LetterOrigin, record: ObjectRecord, reason: string): DeadLetter;
/** A row that the database refuses, to be written or to go. */
export declare function letterOfRow(origin: Omit<LetterOrigin, 'type' | 'rowId'>, row: Projection | RowKey, message: string): DeadLetter;
//# sourceMappingURL=put-aside.d.ts.map