import { type AgentRule } from './access-config.ts';
import { type ReadTokenFile } from './bearer-tokens.ts';
import { type ClientCredentials } from './client-credentials.ts';
import { type TokenChecks } from './node-token-checks.ts';
import { type AccessClock } from './proven-credentials.ts';
/** An agent that may have a link. */
export interface AgentIdentity {
    /** For logs: which rule let it in. */
    readonly description: string;
    /** Whether it may register an account of this name. */
    mayRegister(account: string): boolean;
    /**
     * `onEnded` is called once, within 60 s after the agent's credentials are not valid any more, with a
     * reason that names no secret. The answer is to be called when its link is closed.
     */
    watch(onEnded: (reason: string) => void): () => void;
}
/** What a new link brings along. */
export type AgentCredentials = ClientCredentials;
/**
 * The identity, or why there is none, for the log; the agent learns less. `limited` and `unavailable`
 * may pass.
 */
export type Authentication = {
    readonly kind: 'known';
    readonly identity: AgentIdentity;
} | LinkRefusal;
/** Why an agent is not let in. */
export interface LinkRefusal {
    readonly kind: 'unknown' | 'unavailable' | 'limited';
    /** For the log; names no secret. */
    readonly reason: string;
}
/** Decides who an agent is. */
export type AuthenticateAgent = (credentials: AgentCredentials) => Promise<Authentication>;
/** What it works with. */
export interface AgentAuthenticatorDeps {
    /** For token files. */
    readonly readFile: ReadTokenFile;
    /** For tokens that say things themselves. */
    readonly tokenChecks: TokenChecks;
    /** Time. */
    readonly clock: AccessClock;
}
/** The door of agents. */
export interface AgentAuthenticator {
    /** Who an agent is. */
    readonly authenticate: AuthenticateAgent;
    /** Looks after the links that are open, until the signal. */
    run(signal: AbortSignal): Promise<void>;
}
/** Without any rule everybody is let in: the configuration allows that on loopback only. */
export declare function createAgentAuthenticator(rules: readonly AgentRule[], deps: AgentAuthenticatorDeps): AgentAuthenticator;
//# sourceMappingURL=agent-authenticator.d.ts.map