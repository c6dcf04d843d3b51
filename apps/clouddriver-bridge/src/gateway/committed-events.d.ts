/**
 * Every change of every account that this bridge commits, as one numbered stream, for as long as
 * somebody listens and a while longer, so that who is cut off can go on. Pure.
 */
import { type CommittedRows, type RowsFollower } from './account-journal.ts';
/** One committed change. */
export interface CommittedEvent {
    readonly account: string;
    /** Spinnaker kind, as in `GET /api/v1/objects`. */
    readonly kind: string;
    readonly type: 'added' | 'modified' | 'deleted';
    /** `''` for a cluster-scoped object. */
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    /** Of the object; of one that is gone the version in which it went, `''` if that is not known. */
    readonly resourceVersion: string;
    /** When it was committed, RFC 3339. */
    readonly committedAt: string;
}
/** An event at its place. */
export interface NumberedEvent {
    /** What a client shows to go on after it. */
    readonly id: string;
    readonly event: CommittedEvent;
}
/** What comes after a place. */
export type EventsAfter = {
    readonly kind: 'events';
    readonly events: readonly CommittedEvent[];
    readonly first: number;
}
/** Something that follows is not remembered any more, or was never seen. */
 | {
    readonly kind: 'lost';
};
/** The stream. */
export declare class CommittedEvents implements RowsFollower {
    #private;
    constructor({ clock, streamId, }: {
        readonly clock: {
            nowMs(): number;
        };
        readonly streamId: string;
    });
    get isFollowing(): boolean;
    committed({ account, type: kind, changes }: CommittedRows): void;
    /** The place after the newest event. */
    get tip(): number;
    /** Calls the listener after each commit, until the answer is called. */
    listen(listener: () => void): () => void;
    /** Events from a place on, at most so many. */
    read(place: number, most: number): EventsAfter;
    /** What a client shows to go on after the event at a place. */
    idOf(place: number): string;
    /** The place after an id; `undefined` for one of another process, or of none. */
    placeAfter(id: string): number | undefined;
}
//# sourceMappingURL=committed-events.d.ts.map