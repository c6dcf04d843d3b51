/** A feed of which everything leaves the cluster. */
import type { FeedView } from '@fairlead/protocol';

export const wholeView: FeedView = {
  ...{ metadataOnly: false, redact: [], prune: [] },
  ...{ namespaces: [], omitNamespaces: [], onlySpinnakerManaged: false },
};
