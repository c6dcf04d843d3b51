/** Answers `watch` from the cache. */
import { type ApiResponse } from '@fairlead/api-tunnel';
import { type CachedLists } from './cached-lists.ts';
import { type CachedRead } from './cached-reads.ts';
import { type WatchPlan } from './watch-lines.ts';
/** What watches work with. */
export interface CachedWatchesDeps {
    readonly lists: CachedLists;
    readonly clock: WatchPlan['clock'];
    readonly random: {
        next(): number;
    };
}
/** Watches of all kinds. */
export declare class CachedWatches {
    #private;
    constructor(deps: CachedWatchesDeps);
    /** Changes as they are committed, from where the client is. */
    watch(read: CachedRead): Promise<ApiResponse>;
}
//# sourceMappingURL=cached-watches.d.ts.map