import type { FeedKey, ObjectPolicy } from '@fairlead/watch-engine';
import { feedViews } from './feed-view.ts';

const secrets: FeedKey = {
  ...{ group: '', version: 'v1', resource: 'secrets', kind: 'Secret' },
  ...{ namespaced: true, namespace: '' },
};
const configMaps: FeedKey = { ...secrets, resource: 'configmaps', kind: 'ConfigMap' };
const objects: ObjectPolicy = {
  secrets: 'metadata',
  redact: [{ kinds: ['configMap'], paths: ['.data.password'] }],
  prune: [{ kinds: ['*'], paths: ['.metadata.managedFields'] }],
};

describe(feedViews, () => {
  it('tells what is asked for and what is cut, kind by kind', () => {
    const view = feedViews(
      { namespaces: [], omitNamespaces: [], onlySpinnakerManaged: false },
      objects,
    );

    expect(view(secrets)).toMatchObject({ metadataOnly: true, redact: [] });
    expect(view(configMaps)).toMatchObject({
      ...{ metadataOnly: false, redact: ['.data.password'] },
      prune: ['.metadata.managedFields'],
    });
  });

  it('tells which objects leave at all', () => {
    const filter = { namespaces: ['a'], omitNamespaces: ['b'], onlySpinnakerManaged: true };

    expect(feedViews(filter, objects)(configMaps)).toMatchObject(filter);
  });
});
