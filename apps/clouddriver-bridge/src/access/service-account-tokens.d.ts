/**
 * Tokens of Kubernetes service accounts, judged by the cluster that made them (TokenReview): it knows
 * that a pod or a service account is gone before the token has expired.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/
 */
import { type ClusterClient } from '@fairlead/cluster-client';
import { type ServiceAccountRule } from './access-config.ts';
import { type CheckToken } from './token-check.ts';
/** What a check works with. */
export interface TokenReviewDeps {
    /** The cluster; asked for at the first token, and again as long as it cannot be had. */
    readonly openCluster: () => Promise<Pick<ClusterClient, 'request'>>;
    /** Time. */
    readonly clock: {
        nowMs(): number;
    };
}
/**
 * A check for one rule. Only a token that says itself that it could fulfil the rule is shown to the
 * cluster: other people's tokens are none of its business, and guesses cost it nothing.
 */
export declare function createTokenReview(rule: ServiceAccountRule, deps: TokenReviewDeps): CheckToken;
//# sourceMappingURL=service-account-tokens.d.ts.map