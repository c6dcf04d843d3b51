/**
 * What shown credentials prove: which rules of the configuration they fulfil. A token and a
 * certificate may stand side by side; the token is asked first.
 */
import { type AgentRule } from './access-config.ts';
import { type ReadTokenFile } from './bearer-tokens.ts';
import { type ClientCredentials } from './client-credentials.ts';
import { type TokenChecks } from './node-token-checks.ts';
/** What a rule asks for; one of the first keys is set. */
export interface ProofRule extends Omit<AgentRule, 'accounts'> {
    /** Groups, one of which a JSON Web Token must name. @defaultValue they do not matter */
    readonly groups?: readonly string[] | undefined;
}
/** What is known of somebody. */
export interface ProvenIdentity<Rule> {
    /** Every rule that is fulfilled, at least one. */
    readonly rules: readonly Rule[];
    /** For logs: which rule, or what the certificate or token says of itself. Never a token. */
    readonly description: string;
    /** What the token names itself; '' for others. */
    readonly name: string;
    /** Groups that the credentials name; `undefined` where they cannot name any. */
    readonly groups: readonly string[] | undefined;
    /** When the credentials end by themselves, epoch milliseconds. */
    readonly expiresAtMs: number;
}
/**
 * - `unknown`: no rule is fulfilled; showing the same again does not help.
 * - `unavailable`: what must be asked does not answer; it may help later.
 */
export type Proof<Rule> = {
    readonly kind: 'known';
    readonly identity: ProvenIdentity<Rule>;
    /** Rules of which it could not be found out whether they are fulfilled, too. */
    readonly inDoubt: readonly Rule[];
} | NoProof<Rule>;
/** Nothing is proven. */
export interface NoProof<Rule> {
    readonly kind: 'unknown' | 'unavailable';
    /** For the log; names no secret. */
    readonly reason: string;
    /** Rules of which it could not be found out whether they are fulfilled. */
    readonly inDoubt: readonly Rule[];
}
/** Finds out what credentials prove. */
export type ProveCredentials<Rule> = (credentials: ClientCredentials) => Promise<Proof<Rule>>;
/** What the proofs work with. */
export interface ProofDeps {
    /** For token files. */
    readonly readFile: ReadTokenFile;
    /** For tokens that say things themselves. */
    readonly tokenChecks: TokenChecks;
    /** Time. */
    readonly clock: {
        nowMs(): number;
    };
    /** The list's place in the configuration, for descriptions: `auth.agents`. */
    readonly place: string;
}
/** Proofs by a list of rules: the first way that succeeds counts. */
export declare function createProofs<Rule extends ProofRule>(rules: readonly Rule[], deps: ProofDeps): ProveCredentials<Rule>;
/** Whether anything is shown that could be right or wrong. */
export declare function showsSomething({ authorization, subject }: ClientCredentials): boolean;
//# sourceMappingURL=credential-proof.d.ts.map