import { acquirePostgres, isUnavailable } from './acquire.ts';

const bare = { PATH: '/nowhere', FAIRLEAD_CACHE_DIR: '/nowhere' };

describe(isUnavailable, () => {
  it('is false for a server that is announced', () => {
    expect(isUnavailable('kube', { ...bare, FAIRLEAD_TESTBED_KUBE: '/kubeconfig' })).toBe(false);
  });

  it('is true for a server that the orchestrator could not start', () => {
    const environment = { PATH: process.env.PATH, FAIRLEAD_TESTBED_UNAVAILABLE: 'postgres,kube' };

    expect(isUnavailable('kube', environment)).toBe(true);
  });

  it('is true where neither the server nor a way to get it exists', () => {
    expect(isUnavailable('kube', bare)).toBe(true);
  });

  it('is false for everything when all servers are required', () => {
    expect(isUnavailable('kube', { ...bare, FAIRLEAD_TEST_REQUIRE: 'all' })).toBe(false);
  });
});

describe(acquirePostgres, () => {
  it('does not try again what the orchestrator could not start', async () => {
    const environment = { FAIRLEAD_TESTBED_UNAVAILABLE: 'postgres' };

    await expect(acquirePostgres({ environment })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('connects to the announced server without starting one', async () => {
    const url = 'postgres://user:word@127.0.0.1:17123/postgres';

    const server = await acquirePostgres({ environment: { FAIRLEAD_TESTBED_POSTGRES: url } });

    expect(server).toMatchObject({ url, port: 17123, isShared: true, dialect: 'postgres' });
  });
});
