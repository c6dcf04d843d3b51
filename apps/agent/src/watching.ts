/** Joins the watch engine to an account: options, permits, metrics and logs of its feeds. */
import type { Logger } from '@fairlead/service-kit';
import {
  AccountWatcher,
  type ClusterApi,
  type Clock,
  type FeedKey,
  type ListPermits,
  type ObjectPolicy,
  type Random,
  type WatchObserver,
} from '@fairlead/watch-engine';
import type { AccountConfig } from './account-config.ts';
import type { Watcher } from './account-feeding.ts';
import type { IdentifiedWatcherRequest } from './account-session.ts';

/** What watchers of all accounts share. */
export interface WatchingDeps {
  /** Bound of concurrent lists. */
  readonly permits: ListPermits;
  /** Counts. */
  readonly counters: Omit<WatchObserver, 'transition' | 'discovered' | 'discoveryFailed'>;
  /** Time. */
  readonly clock: Clock;
  /** Jitter. */
  readonly random: Random;
  /** Log; one of the account is made from it. */
  readonly log: Logger;
}

/** Makes the watcher of one registration of an account. */
export function createAccountWatcher(
  deps: WatchingDeps,
  account: AccountConfig,
  given: {
    readonly api: ClusterApi;
    readonly request: IdentifiedWatcherRequest;
    /** What of its objects may leave the cluster. */
    readonly objects: ObjectPolicy;
  },
): Watcher {
  const { api, request, objects } = given;
  const { clock, random, permits } = deps;
  const { sink, checkpoints, kinds, onPlanned, clusterUid } = request;
  return new AccountWatcher({
    ...{ api, sink, clock, random, checkpoints },
    ...(clusterUid !== '' && { clusterUid }),
    permits: permits.forAccount(account.name),
    observer: watchObserver(deps, account.name, onPlanned),
    options: {
      kinds,
      omitKinds: account.omitKinds,
      namespaces: account.namespaces,
      omitNamespaces: account.omitNamespaces,
      onlyNamespacedResources: account.onlyNamespacedResources,
      onlySpinnakerManaged: account.onlySpinnakerManaged,
      customResourceDefinitions: account.customResourceDefinitions,
      objects,
    },
  });
}

function watchObserver(
  { counters, log }: WatchingDeps,
  account: string,
  onPlanned: () => void,
): WatchObserver {
  let lastProblems = '';
  return {
    ...counters,
    transition: (feed, from, to, reason) => {
      const fields = { account, ...feedFields(feed), from, to, reason };
      if (to === 'forbidden' || to === 'lost') log.warn(fields, 'feed has trouble');
      else log.debug(fields, 'feed changed');
    },
    relisted: (feed, reason) => {
      counters.relisted(feed, reason);
      log.info({ account, ...feedFields(feed), reason }, 'feed lists again');
    },
    unscannable: (feed, object) => {
      counters.unscannable(feed, object);
      if (object.repeated) return;
      log.warn({ account, ...feedFields(feed), ...object }, 'object left out');
    },
    discovered: ({ types, feeds, incompleteGroups, unknownKinds }) => {
      onPlanned();
      log.debug({ account, types, feeds }, 'cluster discovered');
      const problems = JSON.stringify({ incompleteGroups, unknownKinds });
      if (problems === lastProblems) return;
      lastProblems = problems;
      if (incompleteGroups.length + unknownKinds.length === 0) return;
      log.warn({ account, incompleteGroups, unknownKinds }, 'not all of the cluster is known');
    },
    discoveryFailed: (reason, retryInMs) => {
      log.warn({ account, reason, retryInMs }, 'cluster could not be discovered');
    },
  };
}

function feedFields({ group, resource, namespace }: FeedKey): Record<string, string> {
  return { group, resource, watchedNamespace: namespace };
}
