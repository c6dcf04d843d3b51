import { aRequest } from '../../tests/gateway-requests.ts';
import { readPreference } from './read-preference.ts';

describe(readPreference, () => {
  it.each([
    ['/api/v1/pods?fairlead=cache', 'cache', '/api/v1/pods'],
    ['/api/v1/pods?a=b%2C&fairlead=cache&c', 'cache', '/api/v1/pods?a=b%2C&c'],
    ['/fairlead/cache/api/v1/pods?limit=1', 'cache', '/api/v1/pods?limit=1'],
    ['/fairlead/cache', 'cache', '/'],
    ['/fairlead/cache?limit=1', 'cache', '/?limit=1'],
    ['/fairlead/cache/api/v1/pods?fairlead=live', 'cache', '/api/v1/pods'],
    ['/fairlead/live/api/v1/pods', 'live', '/fairlead/live/api/v1/pods'],
    ['/fairlead/caches/api', 'live', '/fairlead/caches/api'],
    ['/api/v1/pods?fairlead=live', 'live', '/api/v1/pods'],
    ['/api/v1/pods?fairleads=cache', 'live', '/api/v1/pods?fairleads=cache'],
    ['/api/v1/pods?fairlead=never', undefined, '/api/v1/pods'],
    ['/fairleads/api', 'live', '/fairleads/api'],
  ])('reads %s as %s', (target, preference, rest) => {
    const found = readPreference(aRequest(target));

    expect(found.preference).toBe(preference);
    expect(found.request.target).toBe(rest);
  });

  it('reads the header, and takes it away', () => {
    const headers = { 'fairlead-read': 'cache', accept: 'x' };

    const found = readPreference(aRequest('/api/v1/pods', { headers }));

    expect(found).toMatchObject({ preference: 'cache', request: { headers: { accept: 'x' } } });
    expect(Object.keys(found.request.headers)).toEqual(['accept']);
  });
});
