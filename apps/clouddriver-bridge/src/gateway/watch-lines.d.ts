import { type CachedKind } from './cached-kind.ts';
import { type KindJournal } from './kind-journal.ts';
import { type WatchSelector, type WatchStart } from './published-changes.ts';
import { type StoredObject } from './stored-objects.ts';
/** What a watcher asks for. */
export interface WatchPlan {
    readonly journal: KindJournal;
    readonly kind: Pick<CachedKind, 'kind' | 'apiVersion'>;
    /** `undefined`: all. */
    readonly namespace: string | undefined;
    readonly selector: WatchSelector;
    readonly start: WatchStart;
    /** What is there, to be told first; `undefined`: the client knows. */
    readonly initial: AsyncIterable<StoredObject> | undefined;
    /** In which version that is; `''`: the client did not ask to be told when it is all. */
    readonly initialEnd: string;
    readonly bookmarks: 'sent' | 'none';
    /** When to end, ms from now. */
    readonly durationMs: number;
    readonly clock: {
        nowMs(): number;
        sleep(ms: number, signal: AbortSignal): Promise<void>;
    };
    /** Nobody waits any more. */
    readonly signal: AbortSignal;
}
/** Lines of a watch; ends with the time, with the feed, or with an ERROR event. */
export declare function watchLines(plan: WatchPlan): AsyncGenerator<Uint8Array, void, undefined>;
/** The one ERROR event: the client must list anew. */
export declare function expiredLine(message: string): Uint8Array;
//# sourceMappingURL=watch-lines.d.ts.map