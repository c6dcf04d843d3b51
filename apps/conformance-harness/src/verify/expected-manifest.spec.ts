import { expectedManifest } from './expected-manifest.ts';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

describe(expectedManifest, () => {
  it('gives a list item its kind and version and drops managedFields', () => {
    const item = { metadata: { name: 'a', managedFields: [{}] }, spec: { x: 1 } };

    expect(expectedManifest(item, { apiVersion: 'apps/v1', kind: 'Deployment' })).toEqual({
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { name: 'a' },
      spec: { x: 1 },
    });
  });

  describe('of a Secret', () => {
    const secret = {
      metadata: { name: 's', annotations: { [lastApplied]: '{}', other: 'x' } },
      data: { a: 'Yg==' },
      stringData: { a: 'b' },
      type: 'Opaque',
    };

    it('has no values and no copy of them', () => {
      expect(expectedManifest(secret, { apiVersion: 'v1', kind: 'Secret' })).toEqual({
        kind: 'Secret',
        apiVersion: 'v1',
        metadata: { name: 's', annotations: { other: 'x' } },
        type: 'Opaque',
      });
    });

    it('keeps empty annotations when the copy was the only one', () => {
      const only = { metadata: { annotations: { [lastApplied]: '{}' } } };

      expect(expectedManifest(only, { apiVersion: 'v1', kind: 'Secret' }).metadata).toEqual({
        annotations: {},
      });
    });
  });

  it('keeps the data of what is called Secret in another group', () => {
    const other = { metadata: {}, data: { a: 'b' } };
    const type = { apiVersion: 'example.com/v1', kind: 'Secret' };

    expect(expectedManifest(other, type).data).toEqual({ a: 'b' });
  });
});
