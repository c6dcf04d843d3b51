/** What of a feed's objects leaves the cluster, in the words of the link. */
import type { FeedView } from '@fairlead/protocol';
import {
  formOf,
  scannerOptionsOf,
  type FeedKey,
  type ObjectFilterOptions,
  type ObjectPolicy,
} from '@fairlead/watch-engine';

/** Tells of one feed after the other. */
export type ViewFeed = (feed: FeedKey) => FeedView;

/** By an account's filter and the policy of what may leave. */
export function feedViews(account: ObjectFilterOptions, objects: ObjectPolicy): ViewFeed {
  const { namespaces, omitNamespaces, onlySpinnakerManaged } = account;
  return (feed) => {
    const { redact = [], prune = [] } = scannerOptionsOf(feed, objects);
    return {
      metadataOnly: formOf(feed, objects) === 'metadata',
      redact: [...redact],
      prune: [...prune],
      namespaces: [...namespaces],
      omitNamespaces: [...omitNamespaces],
      onlySpinnakerManaged,
    };
  };
}
