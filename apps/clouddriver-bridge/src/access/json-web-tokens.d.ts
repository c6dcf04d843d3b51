import { type JWTPayload } from 'jose';
import { type JwtRule } from './access-config.ts';
import { type SigningKeys } from './signing-keys.ts';
import { type CheckToken } from './token-check.ts';
/** What a check works with. */
export interface JwtCheckDeps {
    /** The issuer's keys. */
    readonly keys: SigningKeys;
    /** Time. */
    readonly clock: {
        nowMs(): number;
    };
    /** Patterns, one of which must match one of the token's groups. @defaultValue groups do not matter */
    readonly groups?: readonly string[] | undefined;
}
/** Whether a token has the form of a JSON Web Token: three parts. */
export declare function looksLikeJwt(token: string): boolean;
/** A check for one rule. */
export declare function createJwtCheck(rule: JwtRule, deps: JwtCheckDeps): CheckToken;
/** What a token says of itself, unproven; `undefined` if it cannot be read. */
export declare function unprovenClaims(token: string): JWTPayload | undefined;
/** The groups in a claim: a list of texts, or one text. */
export declare function groupsIn(claim: unknown): readonly string[];
//# sourceMappingURL=json-web-tokens.d.ts.map