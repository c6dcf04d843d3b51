/**
 * What a real API server does in the corners that the feed machine is built around. When one of
 * these changes with a version of Kubernetes, the machine has to be thought through again.
 */
import { clusterClientFromKubeconfig, type ClusterClient } from '@fairlead/cluster-client';
import { acquireKube, isUnavailable, type KubeServer } from '@fairlead/testbed';
import { acceptOf } from '../src/object-policy.ts';
import { readRefusal } from '../src/read-refusal.ts';
import { ServerPosition } from '../src/server-position.ts';
import { meaningOf } from '../src/watch-status.ts';
import { RecordingSink } from '../src/testing/index.ts';
import { startWatching, systemClock } from './real-watching.ts';

const NAMESPACE = 'watch-semantics';
const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const NOT_OLDER = { resourceVersionMatch: 'NotOlderThan' };

(isUnavailable('kube') ? describe.skip : describe)('a real API server', () => {
  let kube: KubeServer;
  let client: ClusterClient;
  let made = 0;

  beforeAll(async () => {
    kube = await acquireKube();
    client = await clusterClientFromKubeconfig({ kubeconfigFile: kube.kubeconfigPath });
    await kube.request({
      method: 'POST',
      path: '/api/v1/namespaces',
      body: { metadata: { name: NAMESPACE } },
    });
  }, 600_000);

  afterAll(async () => {
    await kube.request({ method: 'DELETE', path: `/api/v1/namespaces/${NAMESPACE}` });
    client.close();
    await kube[Symbol.asyncDispose]();
  });

  async function create(data: Readonly<Record<string, string>> = {}): Promise<void> {
    made += 1;
    const body = { metadata: { name: `map-${made}` }, data };
    const { status } = await kube.request({ method: 'POST', path: CONFIG_MAPS, body });
    expect(status).toBe(201);
  }

  async function list(query: Readonly<Record<string, string>>): Promise<{
    readonly metadata: { readonly resourceVersion: string };
    readonly items: readonly unknown[];
  }> {
    const headers = { accept: acceptOf('metadata', 'list') };
    const response = await client.request({ path: CONFIG_MAPS, query, headers });
    expect(response.status).toBe(200);
    return JSON.parse(await response.text()) as Awaited<ReturnType<typeof list>>;
  }

  async function newest(): Promise<string> {
    return (await list({ limit: '1' })).metadata.resourceVersion;
  }

  /** A resourceVersion that the server will reach some day. */
  async function future(): Promise<string> {
    return String(Number(await newest()) + 100_000);
  }

  /** Lists that were read from etcd. */
  async function listsFromStorage(): Promise<string> {
    const response = await client.request({ path: '/metrics' });
    const lines = (await response.text(64 * 1024 * 1024)).split('\n');
    return lines.find((line) => /^apiserver_storage_list_total.*"configmaps"/.test(line)) ?? '';
  }

  it('answers a watch from its future with silence, and drops what happens meanwhile', async () => {
    const response = await client.request({
      path: CONFIG_MAPS,
      query: {
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion: await future(),
        timeoutSeconds: '2',
      },
    });
    await create();

    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  }, 60_000);

  it('refuses a list from its future as too new', async () => {
    const query = { ...NOT_OLDER, resourceVersion: await future() };
    const response = await client.request({ path: CONFIG_MAPS, query });
    const refusal = await readRefusal(response, 0);

    expect(refusal).toMatchObject({ status: 504, reason: 'Timeout' });
    expect(meaningOf(refusal)).toBe('tooNew');
  }, 60_000);

  it('says where it is when asked for one namespace by name, never less than what it has', async () => {
    const position = new ServerPosition({
      api: client,
      clock: systemClock,
      timeoutMs: 10_000,
      clusterUid: '',
      onOtherCluster: () => undefined,
    });
    for (let i = 0; i < 5; i += 1) {
      await create();
      const reached = Number(await newest());

      expect(Number(await position.locate(position.mark()))).toBeGreaterThanOrEqual(reached);
    }
    position.close();
  }, 60_000);

  it('takes a whole list that may be older from its cache', async () => {
    const resourceVersion = await newest();
    const before = await listsFromStorage();

    const { metadata } = await list({ ...NOT_OLDER, resourceVersion });

    expect(Number(metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(resourceVersion));
    expect(await listsFromStorage()).toBe(before);
  }, 60_000);

  it('streams a list to a reader that is slow, or else pages take over: nothing is lost', async () => {
    const large = { text: 'x'.repeat(400_000) };
    for (let i = 0; i < 50; i += 1) await create(large);
    const sink = new RecordingSink();
    const told: string[] = [];
    const watching = startWatching({
      api: client,
      sink,
      options: { kinds: ['configMap'], namespaces: [NAMESPACE], onlyNamespacedResources: true },
      observer: { relisted: (_, reason) => told.push(reason) },
    });
    const feed = (): ReturnType<RecordingSink['feed']> => sink.feed('configmaps', NAMESPACE);
    const isSnapshotBegun = (): boolean =>
      feed()?.deltas.some(({ kind }) => kind === 'initApplied') ?? false;
    await sink.until(() => {
      if (isSnapshotBegun()) sink.block();
      return isSnapshotBegun();
    });
    // More than the server holds back for a watcher that does not read (its buffer has 100 places).
    for (let i = 0; i < 250; i += 1) await create();
    sink.unblock();
    await sink.until(() => feed()!.view.has(`${NAMESPACE}/map-${made}`));
    await watching.stop();

    const names = (await list({})).items.length;
    expect(feed()!.view.size).toBe(names);
    expect(told.every((reason) => reason === 'streamingListFailed')).toBe(true);
  }, 120_000);
});
