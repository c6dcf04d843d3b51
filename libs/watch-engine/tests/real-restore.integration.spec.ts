import { clusterClientFromKubeconfig, type ClusterClient } from '@fairlead/cluster-client';
import { isUnavailable, startKube, type KubeHandle } from '@fairlead/testbed';
import { cp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RecordingSink } from '../src/testing/index.ts';
import { startWatching, type RealWatching } from './real-watching.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

/** More than the restored cluster writes by itself before it is asked where it is. */
const CHANGES_SINCE_BACKUP = 300;

(isUnavailable('kube') ? describe.skip : describe)('a real etcd that is restored', () => {
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
    const body = { metadata: { name } };
    const { status } = await kube.request({ method: 'POST', path: CONFIG_MAPS, body });
    expect(status).toBe(201);
  }

  /** What etcd has on disk; nobody may run on it meanwhile. */
  const data = (): string => join(dirname(kube.kubeconfigPath), 'etcd');
  const backup = (): string => join(dirname(kube.kubeconfigPath), 'etcd-backup');

  async function takeBackup(): Promise<void> {
    await kube.etcd.kill('SIGTERM');
    await cp(data(), backup(), { recursive: true });
    await kube.etcd.start();
  }

  async function restore(): Promise<void> {
    await kube.kill();
    await kube.etcd.kill();
    await rm(data(), { recursive: true });
    await cp(backup(), data(), { recursive: true });
    await kube.etcd.start();
    await kube.start();
  }

  it('is listed whole: what came since the backup is gone, what was deleted is back', async () => {
    const sink = new RecordingSink();
    const told: string[] = [];
    await create('kept');
    await create('deleted-later');
    await takeBackup();
    watching = startWatching({
      api: client,
      sink,
      options: { kinds: ['configMap'] },
      observer: { relisted: (_, reason) => told.push(reason) },
    });
    const has = (name: string): boolean =>
      sink.feed('configmaps')?.view.has(`default/${name}`) ?? false;
    await sink.until(() => has('deleted-later'));
    for (let i = 0; i < CHANGES_SINCE_BACKUP; i += 1) await create(`since-${i}`);
    await kube.request({ method: 'DELETE', path: `${CONFIG_MAPS}/deleted-later` });
    await sink.until(() => has(`since-${CHANGES_SINCE_BACKUP - 1}`) && !has('deleted-later'));
    const before = Number(sink.feed('configmaps')!.checkpoint);

    await restore();
    await sink.until(() => has('deleted-later'));

    expect(told).toContain('invalidResourceVersion');
    expect(has('kept')).toBe(true);
    expect([...sink.feed('configmaps')!.view.keys()].join()).not.toContain('since-');
    expect(Number(sink.feed('configmaps')!.checkpoint)).toBeLessThan(before);
    await create('after-the-restore');
    await sink.until(() => has('after-the-restore'));
  }, 180_000);
});
