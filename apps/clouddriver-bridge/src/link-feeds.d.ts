/**
 * The feeds of one link: whose number is whose, and batches that come in pieces. What the agent may
 * not say throws, and ends the link.
 */
import { type BatchPart, type Checkpoints, type OpenFeed, type RetireFeed } from '@fairlead/protocol';
import { type AccountWriter } from './account-writer.ts';
/** What the feeds of a link need of the bridge. */
export interface LinkFeedsDeps {
    /** Feeds that may be open at a time. */
    readonly maxFeeds: number;
    /** The writer of an account, if this link feeds it by this epoch. */
    readonly writerOf: (account: string, epoch: number) => AccountWriter | undefined;
    /** Something begins to arrive that costs credit; `false` if there is none for it. */
    readonly charge: (account: string, bytes: number) => boolean;
}
/** All feeds of a link. */
export declare class LinkFeeds {
    #private;
    constructor(deps: LinkFeedsDeps);
    /** The agent names a feed and gives it a number. */
    open(feed: OpenFeed): void;
    /** A feed is gone for good. */
    retire(feed: RetireFeed): void;
    /** An account is fed over this link no longer. */
    close(account: string): void;
    /** A batch, or a piece of one, has come. */
    takePart(part: BatchPart): void;
    /** Quiet feeds stand there; those that were closed meanwhile are left out, though they were paid for. */
    takeCheckpoints({ account, epoch, readAtMs, feeds }: Checkpoints): void;
    /** The writer of an open feed's account; `undefined` if its epoch has ended. */
    writerOf(feedId: number): AccountWriter | undefined;
}
//# sourceMappingURL=link-feeds.d.ts.map