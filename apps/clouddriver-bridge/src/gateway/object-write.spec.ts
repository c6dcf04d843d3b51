import { objectWriteOf } from './object-write.ts';

const pods = '/api/v1/namespaces/a/pods';

describe(objectWriteOf, () => {
  it.each([
    ['POST', pods, { name: '', namespace: 'a', isAnswered: true }],
    ['PUT', `${pods}/x?fieldManager=me`, { name: 'x', isAnswered: true }],
    ['PATCH', `${pods}/x/status`, { name: 'x', isAnswered: true }],
    ['PATCH', '/apis/apps/v1/namespaces/a/deployments/d/scale', { name: 'd', isAnswered: false }],
    ['POST', `${pods}/x/eviction`, { name: 'x', isAnswered: false }],
    ['DELETE', `${pods}/x`, { name: 'x', isAnswered: false }],
    ['POST', '/api/v1/namespaces', { resource: 'namespaces', namespace: '', name: '' }],
    ['PUT', '/api/v1/namespaces/a/finalize', { resource: 'namespaces', name: 'a', namespace: '' }],
  ])('knows what %s %s changes', (method, target, expected) => {
    expect(objectWriteOf({ method, target })).toMatchObject({ method, ...expected });
  });

  it.each([
    ['GET', `${pods}/x`],
    ['POST', `${pods}?dryRun=All`],
    ['DELETE', pods],
    ['POST', `${pods}/x/exec`],
    ['POST', `${pods}/x/portforward`],
    ['POST', '/api/v1/namespaces/a/serviceaccounts/s/token'],
    ['POST', '/version'],
  ])('finds no change of one object in %s %s', (method, target) => {
    expect(objectWriteOf({ method, target })).toBeUndefined();
  });
});
