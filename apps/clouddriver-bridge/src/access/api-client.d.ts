import { type AccountVerb } from './account-permissions.ts';
import { type ClientCredentials } from './client-credentials.ts';
import { type ClientRule } from './access-config.ts';
/** What a client has open: for as long as it may. */
export interface ClientUse {
    /** The account it is of; `undefined` for something of all accounts. */
    readonly account?: string | undefined;
    /** What it does with the account. @defaultValue read */
    readonly verb?: AccountVerb;
}
/** A client that may call. */
export interface ApiClient {
    /** For logs: the rule's name, and the token's subject if it has one. */
    readonly name: string;
    /** Groups that it is known to be in; `undefined` if nothing is known of that. */
    readonly groups: readonly string[] | undefined;
    /** Who answers its reads of clusters when a request does not say. */
    readonly reads: 'live' | 'cache';
    /** Whether it may see an account: by its rules, and by the account's `permissions`. */
    mayRead(account: string): boolean;
    /** Whether it may cause anything to happen to an account. */
    mayWrite(account: string): boolean;
    /** Whether it may act as this user and all of these groups; a user is always named. */
    mayImpersonate(user: string, groups: readonly string[]): boolean;
    /**
     * Something that stays open: `onEnded` is called once, within 60 s after the client may not have it
     * any more, with a reason that names no secret. The answer is to be called when it is closed.
     */
    watch(use: ClientUse, onEnded: (reason: string) => void): () => void;
}
/**
 * Decides who calls. Throws {@link ApiError}: 401, 429 with `retryAfterSeconds` when the address has
 * failed too often, 503 when what must be asked does not answer.
 */
export type AuthenticateClient = (credentials: ClientCredentials) => Promise<ApiClient>;
/** The properties of an account, as its agent has registered them; `undefined` for no such account. */
export type AccountProperties = (account: string) => Readonly<Record<string, unknown>> | undefined;
/** What a client is made of. */
export interface ClientFacts {
    readonly name: string;
    readonly groups: readonly string[] | undefined;
    /** Rules that it fulfils; what one of them allows is allowed. */
    readonly rules: readonly CompiledClientRule[];
    readonly propertiesOf: AccountProperties;
    /** Tells when the credentials end. */
    readonly watch: (watched: {
        readonly objection: () => string | undefined;
        readonly onEnded: (reason: string) => void;
    }) => () => void;
}
/** Where nobody is named everybody may do everything. */
export declare const anybody: ApiClient;
/** The client that some rules make. */
export declare function clientOf({ name, groups, rules, propertiesOf, watch }: ClientFacts): ApiClient;
/** A rule that can be asked; compiled once, since many requests ask. */
export interface CompiledClientRule extends ClientRule {
    /** Whether the rule covers the account for the verb. */
    allows(account: string, verb: AccountVerb): boolean;
    /** Whether the rule lets its clients act as these. */
    impersonates(user: string, groups: readonly string[]): boolean;
}
/** Compiles a rule of `auth.clients`. */
export declare function compileClientRule(rule: ClientRule): CompiledClientRule;
//# sourceMappingURL=api-client.d.ts.map