/** Puts the parts of an account's API together: its client, and the guard before it. */
import type { RequestInfo } from '@fairlead/api-tunnel';
import type { ClusterClient } from '@fairlead/cluster-client';
import { redactedPathsOf, type ObjectPolicy } from '@fairlead/watch-engine';
import type { AccountConfig } from '../account-config.ts';
import { createAccountApi } from './account-api.ts';
import { GuardedApi, type GuardRefusal, type RedactedPathsOf } from './guarded-api.ts';
import { KindLookup } from './kind-lookup.ts';
import { isAboutSecrets } from './scrub-plan.ts';

/** What a guard is made with. */
export interface AccountGuardDeps {
  /** The account's client; undefined while there is none. */
  readonly client: () => ClusterClient | undefined;
  /** What may leave the cluster. */
  readonly policy: Pick<ObjectPolicy, 'redact'>;
  /** Time, Unix milliseconds. */
  readonly nowMs: () => number;
  /** Something was not done. */
  readonly onRefusal: (refusal: GuardRefusal) => void;
}

/** The guarded API of an account. */
export function createAccountGuard(account: AccountConfig, deps: AccountGuardDeps): GuardedApi {
  const { client, policy, nowMs, onRefusal } = deps;
  const kinds = new KindLookup(client, nowMs);
  const parts = {
    ...{ account: account.name, api: createAccountApi({ client }), onRefusal },
    redactedPathsOf: redactionsBy(policy, kinds),
  };
  return new GuardedApi(parts, account.operations);
}

/** Of a resource whose kind nobody knows, all that is redacted anywhere. */
function redactionsBy(
  { redact }: Pick<ObjectPolicy, 'redact'>,
  kinds: KindLookup,
): RedactedPathsOf {
  const everything = { kind: '', paths: [...new Set(redact.flatMap(({ paths }) => paths))] };
  return async (info: RequestInfo) => {
    if (redact.length === 0) return undefined;
    const kind = isAboutSecrets(info) ? 'Secret' : await kinds.kindOf(info);
    if (kind === undefined) return everything;
    const { apiGroup: group, apiVersion: version, resource } = info;
    const type = { group, version, resource, kind, namespaced: true };
    return { kind, paths: redactedPathsOf(type, redact) };
  };
}
