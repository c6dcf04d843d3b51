import { type ProofRule } from './credential-proof.ts';
import { type CheckToken } from './token-check.ts';
/** Makes the check of a rule; `undefined` for rules that are proven in another way. */
export type TokenChecks = (rule: ProofRule) => CheckToken | undefined;
/** For all rules of both doors. */
export declare function createTokenChecks(clock: {
    nowMs(): number;
}): TokenChecks;
//# sourceMappingURL=node-token-checks.d.ts.map