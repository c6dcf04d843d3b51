import { type ClientCredentials } from './client-credentials.ts';
import { type Proof, type ProvenIdentity, type ProveCredentials } from './credential-proof.ts';
/** Time, as it is needed here. */
export interface AccessClock {
    /** Epoch milliseconds. */
    nowMs(): number;
    /** Resolves after `ms`; rejects when the signal says so. */
    sleep(ms: number, signal: AbortSignal): Promise<void>;
}
/** Something open that ends when its credentials do. */
export interface Watched {
    /** Beyond the credentials: why it may not stay, if it may not. @defaultValue it may */
    readonly objection?: () => string | undefined;
    /** It must end now; called once at most. The reason names no secret. */
    readonly onEnded: (reason: string) => void;
}
/** How long a proof is used again, ms: a token file that has changed counts after this time. */
export declare const proofLifeMs = 5000;
/** How often what is open is proven anew, ms: three rounds may be late before the promised 60 s. */
export declare const recheckMs = 15000;
/**
 * How long what is open stays while nobody can say whether it may, ms: the restart of an identity
 * provider or of an API server must not cut every link.
 */
export declare const unavailableMs = 600000;
/** Proofs of one door. */
export declare class ProvenCredentials<Rule> {
    #private;
    constructor(prove: ProveCredentials<Rule>, clock: AccessClock);
    /** A proof of a moment ago, or one under way; `undefined` if it must be made. */
    recent(credentials: ClientCredentials): Promise<Proof<Rule>> | undefined;
    /** Makes the proof now. Only one that succeeded is remembered. */
    prove(credentials: ClientCredentials): Promise<Proof<Rule>>;
    /** Tells when something that is open must end. The answer takes it off the list. */
    watch(credentials: ClientCredentials, identity: ProvenIdentity<Rule>, watched: Watched): () => void;
    /** What is open and is proven anew. */
    get watchedCount(): number;
    /** Proves what is open anew, round by round, until the signal. */
    run(signal: AbortSignal): Promise<void>;
    /** One round. */
    recheck(): Promise<void>;
}
//# sourceMappingURL=proven-credentials.d.ts.map