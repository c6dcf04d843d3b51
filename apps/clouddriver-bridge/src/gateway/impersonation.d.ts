/** As whom a client wants to act: Kubernetes' impersonation headers. */
import { type ApiHeaders } from '@fairlead/api-tunnel';
/** The user and groups that a request names. */
export interface Impersonated {
    /** '' if only groups or extras are named, which no API server takes. */
    readonly user: string;
    readonly groups: readonly string[];
}
/**
 * What a request impersonates; `undefined` for nothing. A uid or extras alone count as well.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */
export declare function impersonatedBy(headers: ApiHeaders): Impersonated | undefined;
//# sourceMappingURL=impersonation.d.ts.map