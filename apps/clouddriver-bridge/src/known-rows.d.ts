import { type RowState, type RowVersions } from './row-versions.ts';
/** Rows of one feed at the beginning of one of its snapshots. */
export declare class KnownRows {
    #private;
    /** The versions as they travel. */
    readonly versions: Uint8Array;
    /** Of more rows than can be told the rest is sent again. */
    constructor(rows: RowVersions, most?: number);
    /** How many rows were told. */
    get size(): number;
    /** What a row was when the snapshot began. */
    before(id: string): RowState;
    /** The ids of the rows whose bits are set, as `wordsOf` gives them. */
    ids(bits: Uint8Array): Generator<Uint32Array>;
}
//# sourceMappingURL=known-rows.d.ts.map