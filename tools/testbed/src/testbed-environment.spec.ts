import { cacheDirectory, declaredUnavailable, sharedServerAddress } from './testbed-environment.ts';

describe(cacheDirectory, () => {
  it('prefers FAIRLEAD_CACHE_DIR, then XDG_CACHE_HOME, then the home directory', () => {
    const own = cacheDirectory({ FAIRLEAD_CACHE_DIR: '/own', XDG_CACHE_HOME: '/xdg' });
    const xdg = cacheDirectory({ FAIRLEAD_CACHE_DIR: '', XDG_CACHE_HOME: '/xdg' });
    const home = cacheDirectory({});

    expect([own, xdg]).toEqual(['/own', '/xdg/fairlead']);
    expect(home).toMatch(/\/\.cache\/fairlead$/);
  });
});

describe(sharedServerAddress, () => {
  it('takes an empty variable for an absent one', () => {
    expect(sharedServerAddress('postgres', { FAIRLEAD_TESTBED_POSTGRES: '' })).toBeUndefined();
  });
});

describe(declaredUnavailable, () => {
  it('splits the list, and finds nothing in an empty one', () => {
    const some = declaredUnavailable({ FAIRLEAD_TESTBED_UNAVAILABLE: 'kube,mariadb' });
    const none = declaredUnavailable({ FAIRLEAD_TESTBED_UNAVAILABLE: '' });

    expect(some).toEqual(['kube', 'mariadb']);
    expect(none).toEqual([]);
  });
});
