/** The contract of what looks into a bearer token that says things itself. */
/** What a token proves. */
export interface TokenFacts {
    /** Who it is of, for logs. */
    readonly name: string;
    /** Groups that it names; `undefined` for tokens that cannot name any. */
    readonly groups: readonly string[] | undefined;
    /** When it ends by itself, epoch milliseconds. */
    readonly expiresAtMs: number;
}
/**
 * - `valid`: it fulfils the rule.
 * - `invalid`: it does not. The reason never quotes the token.
 * - `unavailable`: what must be asked does not answer.
 */
export type TokenVerdict = {
    readonly kind: 'valid';
    readonly facts: TokenFacts;
} | {
    readonly kind: 'invalid' | 'unavailable';
    readonly reason: string;
};
/** Checks a token against one rule. Never rejects. */
export type CheckToken = (token: string) => Promise<TokenVerdict>;
/** A verdict of that kind. */
export declare function noFacts(kind: 'invalid' | 'unavailable', reason: string): TokenVerdict;
//# sourceMappingURL=token-check.d.ts.map