/**
 * Who answers a request to an account: layers that may know the answer, one behind the other, and at
 * last the cluster itself, through an agent of this bridge.
 */
import { type ApiHandler } from '@fairlead/api-tunnel';
import { agentAway } from './failed-exchange.ts';

/** Answers what it can for an account, and asks `next` for the rest. */
export type ApiLayer = (account: string, next: ApiHandler) => ApiHandler;

/** What the way is put together from. */
export interface FindApiDeps {
  /** Whether there is such an account, here or at another bridge. */
  readonly isKnown: (account: string) => boolean;
  /** The way to the cluster; `undefined` while no agent offers it. */
  readonly liveApi: (account: string) => ApiHandler | undefined;
  /** The first is asked first. */
  readonly layers: readonly ApiLayer[];
}

/** Finds who answers; a layer may answer while the agent is away. */
export function createFindApi({
  isKnown,
  liveApi,
  layers,
}: FindApiDeps): (account: string) => ApiHandler | undefined {
  return (account) => {
    const live = liveApi(account);
    if (live === undefined && !isKnown(account)) return undefined;
    return layers.reduceRight((next, layer) => layer(account, next), live ?? agentAway);
  };
}
