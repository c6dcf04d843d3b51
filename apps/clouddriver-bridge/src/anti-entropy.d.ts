import { type OpenedFeed } from './account-feeds.ts';
import { type VerificationDeps, type VerificationOutcome } from './feed-verification.ts';
import { type BridgeSays } from './link-session.ts';
/** An account whose agent can be asked. */
export interface AuditedAccount {
    /** Its name. */
    readonly name: string;
    /** Its rows. */
    readonly writer: {
        readonly epoch: number;
        feeds(): readonly OpenedFeed[];
        flushed(): Promise<void>;
    };
    /** Asks its agent. */
    readonly send: (message: BridgeSays) => void;
}
/** What it works with. */
export interface AntiEntropyDeps extends VerificationDeps {
    /** Time. */
    readonly clock: VerificationDeps['clock'] & {
        nowMs(): number;
    };
    /** Chance. */
    readonly random: {
        next(): number;
    };
    /** Accounts whose agents can be asked, at this moment. */
    readonly accounts: () => readonly AuditedAccount[];
    /** How often a feed is looked at, in ms; 0 = never. */
    readonly intervalMs: number;
    /** Logs and metrics. */
    readonly events: {
        /** A feed was compared with its cluster. */
        feedVerified(account: string, type: string, outcome: VerificationOutcome): void;
    };
}
/** The comparisons of one bridge. */
export declare class AntiEntropy {
    #private;
    constructor(deps: AntiEntropyDeps);
    /** Compares until the signal says stop. */
    run(signal: AbortSignal): Promise<void>;
    /** Compares an account's feeds soon: somebody else has probably written its rows. */
    hasten(name: string): void;
}
//# sourceMappingURL=anti-entropy.d.ts.map