import { type ApiRequest } from '@fairlead/api-tunnel';
import { aRequest } from '../../tests/gateway-requests.ts';
import { discoveryRequestOf, hasAlready } from './discovery-request.ts';

describe(discoveryRequestOf, () => {
  it.each([
    '/api',
    '/apis',
    '/apis/apps',
    '/apis/apps/v1',
    '/apis/stable.example.com/v1beta1',
    '/api/v1',
    '/version',
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/apis/apps/v1',
    '/api?timeout=32s',
  ])('takes GET %s', (target) => {
    const wanted = discoveryRequestOf(aRequest(target));

    expect(wanted).toMatchObject({ target: target.split('?')[0], isImmutable: false });
  });

  it.each([
    '/api/v1/pods',
    '/apis/apps/v1/deployments',
    '/healthz',
    '/openapi/v3/../../api',
    '/apis/apps/v1?labelSelector=x',
    '/openapi/v2?hash=AB',
    '/openapi/v3/apis/apps/v1?hash=a%2Fb',
  ])('leaves GET %s alone', (target) => {
    expect(discoveryRequestOf(aRequest(target))).toBeUndefined();
  });

  it.each<Partial<ApiRequest>>([
    { method: 'POST' },
    { upgrade: 'websocket' },
    { headers: { 'impersonate-user': 'jane' } },
    { headers: { 'impersonate-extra-scopes': 'view' } },
    { body: Buffer.from('x') },
    { headers: { accept: 'x'.repeat(2000) } },
  ])('leaves a request alone that is %j', (parts) => {
    expect(discoveryRequestOf({ ...aRequest('/api'), ...parts })).toBeUndefined();
  });

  it('asks for what was asked for, in the same letters', () => {
    const accept = 'application/json;as=APIGroupDiscoveryList';

    expect(discoveryRequestOf(aRequest('/apis', { headers: { accept } }))?.headers.accept).toBe(
      accept,
    );
  });

  it('takes an address with a hash for one that never changes', () => {
    const wanted = discoveryRequestOf(aRequest('/openapi/v3/apis/apps/v1?hash=AB12&timeout=1s'));

    expect(wanted).toMatchObject({
      isImmutable: true,
      target: '/openapi/v3/apis/apps/v1?hash=AB12',
    });
  });

  it('tells answers apart by what is accepted, and not by how it is written', () => {
    const keyOf = (headers: ApiRequest['headers']) =>
      discoveryRequestOf(aRequest('/api', { headers }))?.key;
    const table = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

    expect(keyOf({ accept: `${table}, application/json` })).toBe(
      keyOf({ accept: `${table},application/json` }),
    );
    expect(keyOf({ accept: table })).not.toBe(keyOf({ accept: 'application/json' }));
    expect(keyOf({ 'accept-encoding': 'br, gzip;q=0.5' })).toBe(
      keyOf({ 'accept-encoding': 'gzip' }),
    );
    expect(keyOf({ 'accept-encoding': 'gzip;q=0' })).toBe(keyOf({}));
    expect(keyOf({ 'accept-encoding': 'gzip' })).not.toBe(keyOf({}));
  });
});

describe(hasAlready, () => {
  it.each([
    ['"a"', '"a"', true],
    ['W/"a"', '"a"', true],
    ['"b", "a"', '"a"', true],
    ['*', '"a"', true],
    ['"b"', '"a"', false],
    [undefined, '"a"', false],
    ['*', '', false],
  ])('If-None-Match %s of the answer %s: %s', (header, etag, expected) => {
    expect(hasAlready(header, etag)).toBe(expected);
  });
});
