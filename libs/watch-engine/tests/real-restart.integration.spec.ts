import { clusterClientFromKubeconfig, type ClusterClient } from '@fairlead/cluster-client';
import { isUnavailable, startKube, type KubeHandle } from '@fairlead/testbed';
import { RecordingSink } from '../src/testing/index.ts';
import { startWatching, type RealWatching } from './real-watching.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

(isUnavailable('kube') ? describe.skip : describe)('a real API server that restarts', () => {
  let kube: KubeHandle;
  let client: ClusterClient;
  let watching: RealWatching | undefined;

  beforeAll(async () => {
    kube = await startKube();
    client = await clusterClientFromKubeconfig({ kubeconfigFile: kube.kubeconfigPath });
  }, 600_000);

  afterEach(() => watching?.stop());

  afterAll(async () => {
    client.close();
    await kube.stop();
  });

  async function create(name: string): Promise<void> {
    const { status } = await kube.request({
      method: 'POST',
      path: CONFIG_MAPS,
      body: { metadata: { name } },
    });
    expect(status).toBe(201);
  }

  /** Watches config maps; collects how feeds began and why they listed anew. */
  function watchInto(sink: RecordingSink): readonly string[] {
    const told: string[] = [];
    watching = startWatching({
      api: client,
      sink,
      options: { kinds: ['configMap'] },
      observer: {
        started: (_, mode) => told.push(mode),
        relisted: (_, reason) => told.push(reason),
      },
    });
    return told;
  }

  function has(sink: RecordingSink, name: string): boolean {
    return sink.feed('configmaps')?.view.has(`default/${name}`) ?? false;
  }

  it('loses its watches and goes on; it may ask for one new list, never for more', async () => {
    const sink = new RecordingSink();
    await create('before-restart');
    const told = watchInto(sink);
    await sink.until(() => has(sink, 'before-restart'));
    await sink.until(() => sink.feed('configmaps')!.statuses.at(-1)?.state === 'watching');

    await kube.restart();
    await create('after-restart');
    await sink.until(() => has(sink, 'after-restart'));

    // Its watch cache begins at its restart, and what is older is 410 to it, compacted or not.
    expect(['list', 'list expiredAtStart']).toContain(told.join(' '));
    const states = sink.feed('configmaps')!.statuses.map(({ state }) => state);
    expect(states).toContain('lost');
    expect(states.at(-1)).toBe('watching');
  }, 60_000);

  it('has forgotten the checkpoint: one list, and what vanished meanwhile is gone', async () => {
    const sink = new RecordingSink();
    await create('to-vanish');
    watchInto(sink);
    await sink.until(() => has(sink, 'to-vanish'));
    await watching?.stop();

    await kube.request({ method: 'DELETE', path: `${CONFIG_MAPS}/to-vanish` });
    await create('came-meanwhile');
    await kube.compactEtcd();
    await kube.restart();
    const told = watchInto(sink);
    await sink.until(() => has(sink, 'came-meanwhile'));

    expect(told).toEqual(['resume', 'expiredAtStart']);
    expect(has(sink, 'to-vanish')).toBe(false);
  }, 60_000);
});
