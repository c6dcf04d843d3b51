/** Decides who calls over HTTP: by proof, not too often in vain, and not for longer than it is true. */
import { type ClientRule } from './access-config.ts';
import { type AccountProperties, type AuthenticateClient } from './api-client.ts';
import { type ReadTokenFile } from './bearer-tokens.ts';
import { type TokenChecks } from './node-token-checks.ts';
import { type AccessClock } from './proven-credentials.ts';
/** What it works with. */
export interface ClientAuthenticatorDeps {
    /** For token files. */
    readonly readFile: ReadTokenFile;
    /** For tokens that say things themselves. */
    readonly tokenChecks: TokenChecks;
    /** Time. */
    readonly clock: AccessClock;
    /** For the accounts' `permissions`. */
    readonly propertiesOf: AccountProperties;
    /** Somebody was not let in; for metrics and the log. */
    readonly refused: (refusal: ClientRefusal) => void;
}
/** Why somebody was not let in: wrong credentials, too many of them, or nobody to ask. */
export interface ClientRefusal {
    readonly reason: 'unknown' | 'limited' | 'unavailable';
    readonly remoteAddress: string;
    /** For people; names no secret. */
    readonly detail: string;
}
/** The door of clients. */
export interface ClientAuthenticator {
    /** Who calls. */
    readonly authenticate: AuthenticateClient;
    /** Looks after what clients have open, until the signal. */
    run(signal: AbortSignal): Promise<void>;
}
/** Without any rule everybody may do everything: the configuration allows that on loopback only. */
export declare function createClientAuthenticator(rules: readonly ClientRule[], deps: ClientAuthenticatorDeps): ClientAuthenticator;
//# sourceMappingURL=client-authenticator.d.ts.map