import { type ProjectionContext } from '@fairlead/clouddriver-model';
import { type FeedDigest, type FeedStatus, type OpenFeed, type RetireFeed, type TravellingBatch } from '@fairlead/protocol';
import { type CommitResult, type DeadLetter, type SqlCache, type StoredFeed } from '@fairlead/sql-cache';
import { type AheadFate, type AheadObject } from './ahead-object.ts';
import { type KnownLetter, type LetterFate } from './account-dead-letters.ts';
import { type OpenedFeed } from './account-feeds.ts';
import { type ReplayLetter, type ReplayOutcome } from './dead-letter-replay.ts';
import { type CommitJournal } from './gateway/account-journal.ts';
import { type Permits } from './permits.ts';
import { type UnitLimits } from './unit-builder.ts';
import { type QuietCheckpoints } from './work-queue.ts';
/** What a writer works with. */
export interface AccountWriterDeps {
    /** The database. */
    readonly cache: Pick<SqlCache, 'commit' | 'listIds' | 'listBodies'>;
    /** How many accounts commit at once. */
    readonly permits: Permits;
    /** Time. */
    readonly clock: {
        nowMs(): number;
        sleep(ms: number, signal: AbortSignal): Promise<void>;
    };
    /** Where the consequences go. */
    readonly outlet: AccountWriterOutlet;
    /** @defaultValue `unitLimits` */
    readonly limits?: UnitLimits;
    /** Sees each unit before and after it is committed. @defaultValue nobody does */
    readonly journal?: CommitJournal;
}
/** Where a writer's work shows. Calls must not throw. */
export interface AccountWriterOutlet {
    /** Batches up to these are in the database: by feed, the newest one. */
    acknowledged(batches: ReadonlyMap<number, number>): void;
    /** So many bytes are no longer held. */
    settled(bytes: number): void;
    /** A unit is in the database. */
    committed(unit: CommittedUnit): void;
    /** An object cannot become a row, or the database refuses the row for what is in it. */
    putAside(letter: DeadLetter, fate: LetterFate): void;
    /** A snapshot has begun over what is stored, all of which is committed: its agent asks for it. */
    asked(feed: OpenedFeed, snapshot: number): void;
    /** The database refuses every unit; it will be asked again. */
    databaseRefuses(reason: string): void;
    /** The database has a newer epoch: nothing more can be written. */
    fenced(): void;
    /** A batch does not keep to the contract, or this program has a bug: nothing more is written. */
    failed(error: unknown): void;
}
/** Numbers of one unit, for metrics. */
export interface CommittedUnit {
    /** What the database did. */
    readonly result: CommitResult;
    /** Deltas in it. */
    readonly deltas: number;
    /** Those of them that were older than rows which had been written ahead of them. */
    readonly outdated: number;
    /** When the agent had read each change that is no part of a snapshot, epoch milliseconds. */
    readonly readAtMs: readonly number[];
}
/** Whose rows are written. */
export interface WriterGrant {
    /** The account. */
    readonly account: string;
    /** The epoch that every transaction carries. */
    readonly epoch: number;
    /** Facts for the projection. */
    readonly context: ProjectionContext;
    /** What the database had when the epoch began. */
    readonly stored: readonly StoredFeed[];
    /** What was put aside before. */
    readonly deadLetters: readonly KnownLetter[];
}
/** Writes one account. */
export declare class AccountWriter {
    #private;
    constructor(deps: AccountWriterDeps, grant: WriterGrant);
    /** The epoch that is written by. */
    get epoch(): number;
    /** The open feeds. */
    feeds(): readonly OpenedFeed[];
    /** When the oldest thing came that is not committed, epoch milliseconds; `undefined` if none. */
    get oldestWaitingMs(): number | undefined;
    /** A feed begins. */
    openFeed(feed: OpenFeed): OpenedFeed;
    /** The agent tells of a feed. */
    setStatus(status: FeedStatus): void;
    /** A feed is gone for good; its rows go after the batches before it. */
    retire(feed: RetireFeed): void;
    /** A batch that was charged will never be whole. */
    forgetBatch(bytes: number): void;
    /** Takes a batch of an open feed. */
    enqueue(batch: TravellingBatch): void;
    /** Takes where quiet feeds stand. */
    enqueueCheckpoints(checkpoints: QuietCheckpoints): void;
    /** Tries a dead letter again, after what came before it. */
    replay(letter: ReplayLetter): Promise<ReplayOutcome>;
    /**
     * Writes what was found of an object beside its feed, unless the feed has told as much; resolves
     * when it is in the database, or cannot be told now.
     */
    writeAhead(found: AheadObject): Promise<AheadFate>;
    /** The open feed that brings objects of a resource type in a namespace. */
    feedOf(of: Pick<AheadObject, 'group' | 'resource' | 'namespace'>): OpenFeed | undefined;
    /** What an agent found in its cluster. */
    takeDigest(digest: FeedDigest): void;
    /** Resolves when what deltas have said so far is in the database, or the writer has stopped. */
    flushed(): Promise<void>;
    /** Resolves when everything taken is in the database, or the writer has stopped. */
    idle(): Promise<void>;
    /** Writes nothing more; what waits is dropped unacknowledged, so that it is sent again. */
    stop(): void;
}
//# sourceMappingURL=account-writer.d.ts.map