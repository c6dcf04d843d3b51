/**
 * Who answers a request to an account: layers that may know the answer, one behind the other, and at
 * last the cluster itself, through an agent of this bridge or over the bridge that has it.
 */
import { type ApiHandler } from '@fairlead/api-tunnel';
import { agentAway } from './failed-exchange.ts';

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
export function createFindApi(
  deps: FindApiDeps,
): (account: string, from?: 'client' | 'bridge') => ApiHandler | undefined {
  const { isKnown, liveApi, peerApi, layers } = deps;
  const here = (account: string, next: ApiHandler): ApiHandler =>
    layers.reduceRight((inner, layer) => layer(account, inner), next);
  return (account, from = 'client') => {
    const live = liveApi(account);
    if (live !== undefined) return here(account, live);
    // What another bridge sent is sent no further: nothing goes in circles.
    if (from === 'bridge') return undefined;
    return peerApi(account) ?? (isKnown(account) ? here(account, agentAway) : undefined);
  };
}
