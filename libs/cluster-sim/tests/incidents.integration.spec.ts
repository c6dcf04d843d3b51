/** What happens to a whole cluster, as its clients see it. */
import { createManualClock, type ManualClock, SimCluster } from '../src/index.ts';
import { connect, type MemoryConnection, settle } from './memory-connection.ts';

const namespaces = '/api/v1/namespaces';

describe('incidents', () => {
  let clock: ManualClock;
  let cluster: SimCluster;

  const aNamespace = (name: string): void => {
    cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  };
  const ask = async (
    url: string,
    headers: Record<string, string> = {},
  ): Promise<MemoryConnection> => {
    const connection = connect(cluster, url, { headers });
    await connection.done;
    return connection;
  };
  const watch = async (from = cluster.resourceVersion): Promise<MemoryConnection> => {
    const connection = connect(cluster, `${namespaces}?watch=true&resourceVersion=${from}`);
    await settle();
    return connection;
  };
  const namesIn = ({ text }: MemoryConnection): unknown[] =>
    (JSON.parse(text) as { items: { metadata: { name: string } }[] }).items.map(
      ({ metadata }) => metadata.name,
    );

  beforeEach(() => {
    clock = createManualClock();
    cluster = new SimCluster('sim', { clock, seed: 'x' });
    aNamespace('a');
    aNamespace('b');
  });
  afterEach(() => cluster.stop());

  it('expire every kind at once', async () => {
    const from = cluster.resourceVersion;
    const open = await watch();
    aNamespace('c');

    cluster.incidents.expireAll();
    await settle();
    const again = await watch(from);

    expect(open.outcome).toBe('ended');
    expect(again.lines).toMatchObject([{ type: 'ERROR', object: { code: 410 } }]);
  });

  describe('a restore of etcd', () => {
    it('brings back objects and resourceVersions, and cuts watches', async () => {
      const moment = cluster.incidents.moment();
      const open = await watch();
      aNamespace('c');
      cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name: 'a' });

      cluster.incidents.restore(moment);
      await settle();

      expect(open.outcome).toBe('destroyed');
      expect(namesIn(await ask(namespaces))).toEqual(['a', 'b']);
      expect(cluster.resourceVersion).toBe(String(moment.resourceVersion));
    });

    it('leaves watches from versions that are yet to come without a word', async () => {
      const moment = cluster.incidents.moment();
      for (const name of ['c', 'd', 'e']) aNamespace(name);
      const ahead = cluster.resourceVersion;
      cluster.incidents.restore(moment);

      const silent = await watch(ahead);
      aNamespace('f');
      await settle();
      const early = silent.lines.length;
      while (Number(cluster.resourceVersion) <= Number(ahead)) {
        cluster.patch(
          { apiVersion: 'v1', kind: 'Namespace', name: 'f' },
          { metadata: { labels: { at: cluster.resourceVersion } } },
        );
      }
      await settle();

      expect(early).toBe(0);
      expect(silent.lines.map(({ type }) => type)).toEqual(['MODIFIED']);
      expect(Number(silent.lines[0]?.object.metadata.resourceVersion)).toBe(Number(ahead) + 1);
    });

    it('refuses lists from versions that are yet to come', async () => {
      const moment = cluster.incidents.moment();
      aNamespace('c');
      const ahead = cluster.resourceVersion;
      cluster.incidents.restore(moment);

      const query = `resourceVersion=${ahead}&resourceVersionMatch=NotOlderThan`;

      expect((await ask(`${namespaces}?${query}`)).status).toBe(504);
    });

    it('takes away types that were defined since', async () => {
      const moment = cluster.incidents.moment();
      cluster.create({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'widgets.example.com' },
        spec: {
          group: 'example.com',
          names: { plural: 'widgets', kind: 'Widget' },
          scope: 'Cluster',
          versions: [{ name: 'v1', served: true, storage: true }],
        },
      });
      const before = await ask('/apis/example.com/v1/widgets');

      cluster.incidents.restore(moment);

      expect(before.status).toBe(200);
      expect((await ask('/apis/example.com/v1/widgets')).status).toBe(404);
    });
  });

  describe('silence', () => {
    it('holds back everything, and loses nothing of it', async () => {
      const open = await watch();
      const speak = cluster.incidents.silence();
      aNamespace('c');
      const asked = connect(cluster, namespaces);
      await settle();
      const during = [open.lines.length, asked.status, open.outcome, asked.outcome];

      speak();
      await asked.done;
      await settle();

      expect(during).toEqual([0, 0, undefined, undefined]);
      expect(open.lines.map(({ object }) => object.metadata.name)).toEqual(['c']);
      expect(namesIn(asked)).toEqual(['a', 'b', 'c']);
    });

    it('does not do what was asked for by who has gone', async () => {
      const speak = cluster.incidents.silence();
      const url = `${namespaces}/b`;
      const asked = connect(cluster, url, { method: 'DELETE' });
      await settle();

      asked.leave();
      speak();
      await asked.done;

      expect((await ask(url)).status).toBe(200);
    });
  });

  it('let in only a new token, and leave open watches alone', async () => {
    const old = cluster.incidents.rotateToken();
    const authorization = (token: string): Record<string, string> => ({
      authorization: `Bearer ${token}`,
    });
    const open = connect(cluster, `${namespaces}?watch=true`, { headers: authorization(old) });
    const seen: (string | undefined)[] = [];
    cluster.observeTokens(() => seen.push(cluster.token));

    const next = cluster.incidents.rotateToken();
    aNamespace('c');
    await settle();

    expect((await ask(namespaces, authorization(old))).status).toBe(401);
    expect((await ask(namespaces, authorization(next))).status).toBe(200);
    expect(seen).toEqual([next]);
    expect(open.lines).toHaveLength(3);
  });

  it('take the server of an API group away, and bring it back', async () => {
    const bringUp = cluster.incidents.takeDown('metrics.k8s.io/v1beta1');
    const away = await ask('/apis/metrics.k8s.io/v1beta1');
    const others = await ask(namespaces);

    bringUp();

    expect([away.status, others.status]).toEqual([503, 200]);
    expect((await ask('/apis/metrics.k8s.io/v1beta1')).status).toBe(404);
  });

  it('change what is served in an upgrade', async () => {
    const metadata = { name: 'h', namespace: 'a' };
    cluster.create({ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata });
    const open = connect(cluster, '/apis/autoscaling/v2/horizontalpodautoscalers?watch=true');
    await settle();

    cluster.incidents.upgrade({
      gitVersion: 'v1.40.0',
      added: { 'autoscaling/v3': 'autoscaling/v2' },
      removed: ['autoscaling/v2'],
    });
    await settle();

    const path = (version: string): string =>
      `/apis/autoscaling/${version}/horizontalpodautoscalers`;
    expect(open.outcome).toBe('ended');
    expect((await ask('/version')).text).toContain('"gitVersion":"v1.40.0"');
    expect((await ask(path('v2'))).status).toBe(404);
    expect(JSON.parse((await ask(path('v3'))).text)).toMatchObject({
      apiVersion: 'autoscaling/v3',
      items: [{ metadata: { name: 'h' } }],
    });
    expect(JSON.parse((await ask('/apis/autoscaling')).text)).toMatchObject({
      versions: [{ version: 'v3' }],
    });
  });

  describe('a restart', () => {
    it('cuts everything, answers nobody for a while, and remembers no history', async () => {
      const from = cluster.resourceVersion;
      aNamespace('c');
      const open = await watch();
      const restarting = cluster.incidents.restart({ downMs: 5000 });

      const during = await ask(namespaces);
      await clock.advance(5000);
      await restarting;

      expect(open.outcome).toBe('destroyed');
      expect(during).toMatchObject({ status: 0, outcome: 'destroyed' });
      expect((await ask(namespaces)).status).toBe(200);
      expect((await watch(from)).lines).toMatchObject([{ type: 'ERROR', object: { code: 410 } }]);
    });

    it('remembers history when asked to', async () => {
      const from = cluster.resourceVersion;
      aNamespace('c');
      const restarting = cluster.incidents.restart({ downMs: 10, keepsHistory: true });
      await clock.advance(10);
      await restarting;

      expect((await watch(from)).lines).toMatchObject([{ type: 'ADDED' }]);
    });
  });
});

describe('an old server', () => {
  const ask = async (gitVersion: string, url: string, accept = ''): Promise<MemoryConnection> => {
    const cluster = new SimCluster('sim', { clock: createManualClock(), seed: 'x', gitVersion });
    const connection = connect(cluster, url, { headers: { accept } });
    await settle();
    connection.leave();
    await connection.done;
    return connection;
  };
  const watch = `${namespaces}?watch=true&timeoutSeconds=1`;

  it('of v1.20 does not know streaming lists: the parameter is nothing, the match is refused', async () => {
    const ignored = await ask('v1.20.15', `${watch}&sendInitialEvents=true`);
    const refused = await ask(
      'v1.20.15',
      `${watch}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
    );

    expect(ignored.status).toBe(200);
    expect(refused.status).toBe(422);
    expect(JSON.parse(refused.text)).toMatchObject({
      message:
        'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: ' +
        'resourceVersionMatch is forbidden for watch',
    });
  });

  it.each([
    ['v1.20.15', 'APIGroupList'],
    ['v1.26.0', 'APIGroupList'],
    ['v1.28.0', 'apidiscovery.k8s.io/v2beta1'],
    ['v1.30.0', 'apidiscovery.k8s.io/v2"'],
  ])('of %s answers discovery as far as it can', async (gitVersion, expected) => {
    const form = (version: string): string =>
      `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;

    const { text } = await ask(
      gitVersion,
      '/apis',
      `${form('v2')},${form('v2beta1')},application/json`,
    );

    expect(text).toContain(expected);
  });
});
