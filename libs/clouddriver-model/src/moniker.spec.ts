import { isCachingIgnored, monikerOf } from './moniker.ts';

const derive = (name: string, annotations: Record<string, string> = {}, kind = 'deployment') =>
  monikerOf({ kind, name, annotations });

describe(monikerOf, () => {
  it.each([
    ['web', { app: 'web', cluster: 'web' }],
    ['web-front-blue', { app: 'web', cluster: 'web-front-blue' }],
    ['web-front-v012', { app: 'web', cluster: 'web-front', sequence: 12 }],
    ['web-v000', { app: 'web', cluster: 'web', sequence: 0 }],
    ['web-v12', { app: 'web', cluster: 'web-v12' }],
    ['web-v123456', { app: 'web', cluster: 'web', sequence: 123_456 }],
    ['web-v1234567', { app: 'web', cluster: 'web-v1234567' }],
    ['web-v001-v002', { app: 'web', cluster: 'web-v001', sequence: 2 }],
    ['web-V001', { app: 'web', cluster: 'web-V001' }],
    ['web-v', { app: 'web', cluster: 'web-v' }],
    ['web--v001', { app: 'web', cluster: 'web-', sequence: 1 }],
    ['web-front-c0us-d0prod-v003', { app: 'web', cluster: 'web-front-c0us-d0prod', sequence: 3 }],
    ['web-a-b~c^d', { app: 'web', cluster: 'web-a-b~c^d' }],
    ['web-a~b', {}],
    ['v1', { app: 'v1', cluster: 'v1' }],
    ['a.b_c-d', { app: 'a.b_c', cluster: 'a.b_c-d' }],
    ['-odd', {}],
    ['with:colon', {}],
    ['system:coredns', { app: 'system', cluster: 'system:coredns' }],
    ['system:node:x-v003', { app: 'system', cluster: 'system:node:x', sequence: 3 }],
    ['system:node-v1', { app: 'system', cluster: 'system:node-v1' }],
  ])('reads the name %s', (name, moniker) => {
    expect(derive(name)).toEqual(moniker);
  });

  it('believes annotations rather than the name', () => {
    const moniker = derive('web-v001', {
      'moniker.spinnaker.io/application': 'shop',
      'moniker.spinnaker.io/cluster': 'deployment shop',
      'moniker.spinnaker.io/stack': 'eu',
      'moniker.spinnaker.io/detail': 'canary',
      'moniker.spinnaker.io/sequence': '7',
    });

    expect(moniker).toEqual({
      app: 'shop',
      cluster: 'deployment shop',
      stack: 'eu',
      detail: 'canary',
      sequence: 7,
    });
  });

  it.each([
    ['"shop"', 'shop'],
    ['"sh\\"op"', 'sh"op'],
    ['"', '"'],
    ['', ''],
  ])('reads the application %j', (value, app) => {
    expect(derive('web', { 'moniker.spinnaker.io/application': value }).app).toBe(app);
  });

  it('has no application when the annotation cannot be read', () => {
    const moniker = derive('web', { 'moniker.spinnaker.io/application': '"\\x"' });

    expect(moniker).toEqual({ cluster: 'web' });
  });

  it('lets a sequence that cannot be read hide the one of the name', () => {
    const { sequence } = derive('web-v001', { 'moniker.spinnaker.io/sequence': 'five' });

    expect(sequence).toBeUndefined();
  });

  it('counts the revisions of a deployment for its replica sets only', () => {
    const annotations = { 'deployment.kubernetes.io/revision': '4' };

    expect(derive('web-7d9f', annotations, 'replicaSet').sequence).toBe(4);
    expect(derive('web-7d9f', annotations, 'deployment').sequence).toBeUndefined();
  });
});

describe(isCachingIgnored, () => {
  it.each([
    ['true', true],
    ['yes', false],
  ])('reads %j', (value, isIgnored) => {
    expect(isCachingIgnored({ 'caching.spinnaker.io/ignore': value })).toBe(isIgnored);
    expect(isCachingIgnored({})).toBe(false);
  });
});
