import { readResourcePath } from './resource-path.ts';

const core = { group: '', version: 'v1', subresource: '' };

describe(readResourcePath, () => {
  it.each([
    ['/api/v1/pods', { ...core, resource: 'pods', namespace: undefined, name: undefined }],
    ['/api/v1/nodes/n1', { ...core, resource: 'nodes', namespace: undefined, name: 'n1' }],
    ['/api/v1/namespaces/a/pods/', { ...core, resource: 'pods', namespace: 'a', name: undefined }],
    [
      '/api/v1/namespaces/a/pods/x/log',
      { ...core, resource: 'pods', namespace: 'a', name: 'x', subresource: 'log' },
    ],
    ['/api/v1/namespaces', { ...core, resource: 'namespaces', name: undefined }],
    ['/api/v1/namespaces/a', { ...core, resource: 'namespaces', name: 'a', namespace: undefined }],
    [
      '/api/v1/namespaces/a/finalize',
      { ...core, resource: 'namespaces', name: 'a', subresource: 'finalize' },
    ],
    [
      '/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode',
      { group: 'rbac.authorization.k8s.io', resource: 'clusterroles', name: 'system:node' },
    ],
    [
      '/api/v1/namespaces/a/services/s/proxy/b/c',
      { resource: 'services', name: 's', subresource: 'proxy/b/c' },
    ],
  ])('reads %s', (path, expected) => {
    expect(readResourcePath(path)).toMatchObject(expected);
  });

  it.each(['/', '/api', '/api/v1', '/apis', '/apis/apps/v1', '/healthz', '/api/v1/pods/%zz'])(
    'finds no resource in %s',
    (path) => {
      expect(readResourcePath(path)).toBeUndefined();
    },
  );
});
