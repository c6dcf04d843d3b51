import { parseTarget } from './request-target.ts';

const target = (method: string, url: string): object => {
  const { pathname, searchParams } = new URL(url, 'http://x');
  return parseTarget(method, pathname, searchParams);
};

describe(parseTarget, () => {
  it.each([
    ['GET', '/api/v1/pods', { verb: 'list', resource: 'pods', namespace: '' }],
    ['GET', '/api/v1/pods?watch=1', { verb: 'watch' }],
    ['GET', '/api/v1/pods?watch=false', { verb: 'list' }],
    ['GET', '/api/v1/namespaces/n/pods/p', { verb: 'get', namespace: 'n', name: 'p' }],
    ['GET', '/api/v1/namespaces/n', { verb: 'get', resource: 'namespaces', name: 'n' }],
    [
      'PUT',
      '/api/v1/namespaces/n/status',
      { resource: 'namespaces', name: 'n', subresource: 'status' },
    ],
    ['POST', '/apis/apps/v1/namespaces/n/deployments', { verb: 'create', group: 'apps' }],
    [
      'PATCH',
      '/apis/apps/v1/namespaces/n/deployments/d/scale',
      { verb: 'patch', subresource: 'scale' },
    ],
    ['DELETE', '/api/v1/namespaces/n/pods', { verb: 'deletecollection' }],
    ['DELETE', '/api/v1/nodes/x', { verb: 'delete', name: 'x' }],
    ['GET', '/api/v1/namespaces/n/configmaps/a%2Bb', { name: 'a+b' }],
    ['GET', '/apis/apps/v1', { kind: 'other' }],
    ['GET', '/version', { kind: 'other' }],
    ['OPTIONS', '/api/v1/pods', { kind: 'other' }],
  ])('reads %s %s', (method, url, expected) => {
    expect(target(method, url)).toMatchObject(expected);
  });
});
