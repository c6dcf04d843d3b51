import { type SqlCache } from '@fairlead/sql-cache';
/** What is removed, and in whose name. */
export interface LeftBehind {
    readonly account: string;
    readonly epoch: number;
}
/** Removes those of one kind; native kinds have none. Rows of other agents stay. */
export declare function removeLeftBehind(cache: Pick<SqlCache, 'commit' | 'listIds'>, { account, epoch }: LeftBehind, rows: {
    readonly type: string;
    readonly namespace: string;
}): Promise<void>;
//# sourceMappingURL=left-behind-rows.d.ts.map