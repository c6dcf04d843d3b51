/** Servers that one process starts and others use. */
import {
  acquireKube,
  acquireMariaDb,
  acquirePostgres,
  isUnavailable,
  startShared,
  type SharedServers,
} from '../src/index.ts';

const buildTimeoutMs = 30 * 60_000;
const everything = { postgres: true, mariadb: true, kube: true };

describe(startShared, () => {
  let shared: SharedServers;
  let environment: Record<string, string | undefined>;
  beforeAll(async () => {
    shared = await startShared(everything);
    environment = { ...process.env, ...shared.env };
  }, buildTimeoutMs);
  afterAll(() => shared.stop());

  it('announces exactly the servers that are not missing', () => {
    const missing = shared.unavailable.map(({ server }) => server);

    const announced = (['postgres', 'mariadb', 'kube'] as const).filter(
      (server) => shared.env[`FAIRLEAD_TESTBED_${server.toUpperCase()}`] !== undefined,
    );
    expect([...announced, ...missing].sort()).toEqual(['kube', 'mariadb', 'postgres']);
    expect(missing.filter((server) => !isUnavailable(server, environment))).toEqual([]);
  });

  it.each([acquirePostgres, acquireMariaDb])(
    '%p makes databases on the shared server, and drops them when disposed',
    async (acquire) => {
      const first = await acquire({ environment });
      const database = await first.createDatabase();

      await first[Symbol.asyncDispose]();

      expect(first.isShared).toBe(true);
      await using second = await acquire({ environment });
      const again = await second.createDatabase(database.name);
      expect(again.url).toBe(database.url);
    },
  );

  it('lets acquireKube reach the shared API server', async () => {
    await using kube = await acquireKube({ environment });

    const { status } = await kube.request({ path: '/readyz' });

    expect({ status, isShared: kube.isShared }).toEqual({ status: 200, isShared: true });
  });

  describe('on a machine where a server is missing', () => {
    const bare = { PATH: '/nowhere', FAIRLEAD_CACHE_DIR: '/nowhere/cache' };

    it('reports it with how to get it', async () => {
      const { unavailable, env } = await startShared({ kube: true, environment: bare });

      expect(unavailable).toMatchObject([{ server: 'kube', error: { code: 'unavailable' } }]);
      expect(unavailable[0]?.error.hint).toContain('Install Go');
      expect(env).toEqual({ FAIRLEAD_TESTBED_UNAVAILABLE: 'kube' });
      await expect(acquireKube({ environment: { ...bare, ...env } })).rejects.toMatchObject({
        code: 'unavailable',
      });
    });

    it('fails when all servers are required', async () => {
      const required = { ...bare, FAIRLEAD_TEST_REQUIRE: 'all' };

      await expect(startShared({ kube: true, environment: required })).rejects.toThrow('Go');
    });
  });
});
