/**
 * Who answers a request to an account: layers that may know the answer, one behind the other, and at
 * last the cluster itself, through an agent of this bridge or over the bridge that has it.
 */
import { type ApiHandler } from '@fairlead/api-tunnel';
/** Answers what it can for an account, and asks `next` for the rest. */
export type ApiLayer = (account: string, next: ApiHandler) => ApiHandler;
/** What the way is put together from. */
export interface FindApiDeps {
    /** Whether there is such an account, here or at another bridge. */
    readonly isKnown: (account: string) => boolean;
    /** The way to the cluster; `undefined` while no agent of this bridge offers it. */
    readonly liveApi: (account: string) => ApiHandler | undefined;
    /** The way over another bridge, which asks layers of its own; `undefined` if none has the account. */
    readonly peerApi: (account: string) => ApiHandler | undefined;
    /** The first is asked first. */
    readonly layers: readonly ApiLayer[];
}
/** Finds who answers; a layer may answer while the agent is away. */
export declare function createFindApi(deps: FindApiDeps): (account: string, from?: 'client' | 'bridge') => ApiHandler | undefined;
//# sourceMappingURL=find-api.d.ts.map