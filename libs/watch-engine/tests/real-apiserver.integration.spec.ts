import {
  clusterClientFromKubeconfig,
  clusterClientFromServiceAccount,
  type ClusterClient,
} from '@fairlead/cluster-client';
import { acquireKube, isUnavailable, type KubeServer } from '@fairlead/testbed';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DEFAULT_OBJECT_POLICY,
  type ClusterApi,
  type WatchObserver,
  type WatchOptions,
} from '../src/index.ts';
import { RecordingSink } from '../src/testing/index.ts';
import { startWatching, type RealWatching } from './real-watching.ts';

/** A client of a service account, by its token alone. */
async function clientWithToken(
  kube: KubeServer,
  token: string,
  folder: string,
): Promise<ClusterClient> {
  await writeFile(join(folder, 'token'), token);
  await writeFile(join(folder, 'ca.crt'), kube.caPem);
  return clusterClientFromServiceAccount({ server: kube.url, folder });
}

/** The same API; what its bodies hold is kept, copied before anybody overwrites it. */
function overhearing(api: ClusterApi, into: Uint8Array[]): ClusterApi {
  return {
    reloadCredentials: () => api.reloadCredentials(),
    request: async (request) => {
      const response = await api.request(request);
      async function* body(): AsyncGenerator<Uint8Array, void, undefined> {
        for await (const chunk of response.body) {
          into.push(Buffer.from(chunk));
          yield chunk;
        }
      }
      return { ...response, body: body() };
    },
  };
}

describe.each(['off', 'auto'] as const)('a real API server, streaming lists %s', (streaming) => {
  (isUnavailable('kube') ? describe.skip : describe)('(kube-apiserver and etcd)', () => {
    const namespace = `watch-${streaming}`;
    let kube: KubeServer;
    let client: ClusterClient;

    beforeAll(async () => {
      kube = await acquireKube();
      client = await clusterClientFromKubeconfig({ kubeconfigFile: kube.kubeconfigPath });
      await create('/api/v1/namespaces', { metadata: { name: namespace } });
    }, 600_000);

    const watchers: RealWatching[] = [];

    afterEach(async () => {
      for (const watcher of watchers.splice(0)) await watcher.stop();
    });

    afterAll(async () => {
      await call('DELETE', `/api/v1/namespaces/${namespace}`);
      client.close();
      await kube[Symbol.asyncDispose]();
    });

    async function call(
      method: 'POST' | 'PATCH' | 'DELETE',
      path: string,
      body?: unknown,
    ): Promise<void> {
      const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
      const { status } = await kube.request({ method, path, body, contentType });
      if (status >= 300) throw new Error(`${method} ${path} answered ${status}`);
    }

    function create(path: string, body: object): Promise<void> {
      return call('POST', path, body);
    }

    const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;

    function watchWith(
      sink: RecordingSink,
      options: WatchOptions,
      observer: Partial<WatchObserver> = {},
      api: ClusterApi = client,
    ): RealWatching {
      const tuning = { streamingLists: streaming, pageLimit: 3, forbiddenRetryMs: 200 };
      const watching = startWatching({ api, sink, observer, options: { ...options, tuning } });
      watchers.push(watching);
      return watching;
    }

    function names(sink: RecordingSink): readonly string[] {
      return [...(sink.feed('configmaps')?.view.keys() ?? [])]
        .filter((id) => id.startsWith(`${namespace}/`))
        .sort();
    }

    it('lists, follows every change, and resumes where it stopped', async () => {
      const sink = new RecordingSink();
      for (let i = 0; i < 7; i += 1) await create(configMaps, { metadata: { name: `map-${i}` } });

      const first = watchWith(sink, { kinds: ['configMap'] });
      await sink.until(() => names(sink).length === 7);
      await create(configMaps, { metadata: { name: 'late' }, data: { a: '1' } });
      await call('PATCH', `${configMaps}/map-0`, { data: { changed: 'yes' } });
      await call('DELETE', `${configMaps}/map-1`);
      await sink.until(() => names(sink).includes(`${namespace}/late`));
      await sink.until(() => !names(sink).includes(`${namespace}/map-1`));
      await first.stop();
      const map0 = sink.feed('configmaps')!.view.get(`${namespace}/map-0`)!;
      expect(JSON.parse(Buffer.from(map0.bytes).toString())).toMatchObject({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        data: { changed: 'yes' },
      });

      await call('DELETE', `${configMaps}/map-2`);
      await create(configMaps, { metadata: { name: 'while-away' } });
      const modes: string[] = [];
      const second = watchWith(
        sink,
        { kinds: ['configMap'] },
        { started: (key, mode) => modes.push(`${key.resource} ${mode}`) },
      );
      await sink.until(() => names(sink).includes(`${namespace}/while-away`));
      await sink.until(() => !names(sink).includes(`${namespace}/map-2`));
      await second.stop();

      expect(modes).toEqual(['configmaps resume']);
      expect(sink.feed('configmaps')!.deltas.map(({ kind }) => kind)).not.toContain('init');
    }, 60_000);

    it('shows what it may not read as forbidden, until it may', async () => {
      const name = `watcher-${streaming}`;
      const token = await kube.serviceAccountToken({ name });
      const folder = await mkdtemp(join(tmpdir(), 'watch-engine-'));
      const poor = await clientWithToken(kube, token, folder);
      const sink = new RecordingSink();
      const watching = watchWith(sink, { kinds: ['configMap'] }, {}, poor);
      const state = (): string | undefined => sink.feed('configmaps')?.statuses.at(-1)?.state;
      await sink.until(() => state() === 'forbidden');

      await create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
        metadata: { name },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'ClusterRole',
          name: 'cluster-admin',
        },
        subjects: [{ kind: 'ServiceAccount', name, namespace: 'default' }],
      });
      await sink.until(() => state() === 'watching');
      await watching.stop();
      poor.close();
      await rm(folder, { recursive: true });
      await call('DELETE', `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${name}`);

      const reasons = sink.feed('configmaps')!.statuses.map(({ reason }) => reason);
      expect(reasons.find((reason) => reason.startsWith('HTTP 403'))).toContain('configmaps');
      expect(sink.feed('configmaps')!.deltas[0]).toEqual({ kind: 'init' });
    }, 60_000);

    it('tells a recreated object as deleted and applied, with another uid', async () => {
      const sink = new RecordingSink();
      await create(configMaps, { metadata: { name: 'phoenix' } });
      const watching = watchWith(sink, { kinds: ['configMap'] });
      await sink.until(() => names(sink).includes(`${namespace}/phoenix`));
      const before = sink.feed('configmaps')!.view.get(`${namespace}/phoenix`)!.uid;

      await call('DELETE', `${configMaps}/phoenix`);
      await create(configMaps, { metadata: { name: 'phoenix' } });
      const now = (): string | undefined =>
        sink.feed('configmaps')!.view.get(`${namespace}/phoenix`)?.uid;
      await sink.until(() => now() !== undefined && now() !== before);
      await watching.stop();

      const told = sink
        .feed('configmaps')!
        .deltas.flatMap((delta) =>
          'object' in delta && delta.object.name === 'phoenix' && delta.kind !== 'initApplied'
            ? [delta.kind]
            : [],
        );
      expect(told).toEqual(['deleted', 'applied']);
    }, 60_000);

    describe.each(['metadata', 'scrub'] as const)('with Secrets as %s', (form) => {
      it('lets no value of a Secret out, from lists nor from watches', async () => {
        const sink = new RecordingSink();
        const secrets = `/api/v1/namespaces/${namespace}/secrets`;
        const listed = `listed-${form}`;
        const watched = `watched-${form}`;
        await create(secrets, { metadata: { name: listed }, stringData: { a: 'canary-1' } });
        let scrubbed = 0;
        const received: Uint8Array[] = [];
        const watching = watchWith(
          sink,
          { kinds: ['secret'], objects: { ...DEFAULT_OBJECT_POLICY, secrets: form } },
          { scrubbed: (_, values) => (scrubbed += values) },
          overhearing(client, received),
        );
        const view = (): ReadonlyMap<string, { readonly bytes: Uint8Array }> =>
          sink.feed('secrets')?.view ?? new Map();
        await sink.until(() => view().has(`${namespace}/${listed}`));
        await create(secrets, { metadata: { name: watched }, stringData: { a: 'canary-2' } });
        await sink.until(() => view().has(`${namespace}/${watched}`));
        await watching.stop();

        const text = [...view().values()].map(({ bytes }) => Buffer.from(bytes).toString()).join();
        const heard = Buffer.concat(received).toString();
        const canary = Buffer.from('canary').toString('base64').slice(0, 7);
        expect(text).not.toContain(canary);
        expect(text).not.toContain('canary');
        expect(heard).toContain(watched);
        expect(heard.includes(canary)).toBe(form === 'scrub');
        expect(scrubbed > 0).toBe(form === 'scrub');
        const manifest = view().get(`${namespace}/${watched}`)!;
        expect(JSON.parse(Buffer.from(manifest.bytes).toString())).toMatchObject({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: watched, namespace },
        });
      }, 60_000);
    });

    it('starts and ends the feed of a custom resource with its definition', async () => {
      const sink = new RecordingSink();
      const group = `${streaming}.stable.example.com`;
      const watching = watchWith(sink, { kinds: [`crontab.${group}`, 'configMap'] });
      await sink.until(() => sink.feed('configmaps')?.checkpoint !== undefined);
      const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
      await create(definitions, {
        metadata: { name: `crontabs.${group}` },
        spec: {
          group,
          scope: 'Namespaced',
          names: { plural: 'crontabs', kind: 'CronTab' },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              },
            },
          ],
        },
      });

      await sink.until(() => sink.feed('crontabs')?.checkpoint !== undefined);
      await sink.until(() => sink.feed('crontabs')!.checkpoint !== '');
      await create(`/apis/${group}/v1/namespaces/${namespace}/crontabs`, {
        apiVersion: `${group}/v1`,
        kind: 'CronTab',
        metadata: { name: 'nightly' },
      });
      await sink.until(() => sink.feed('crontabs')!.view.size === 1);
      await call('DELETE', `${definitions}/crontabs.${group}`);
      await sink.until(() => sink.retired.some(({ resource }) => resource === 'crontabs'));
      await watching.stop();

      expect(sink.retired).toEqual([
        { group, resource: 'crontabs', kind: 'CronTab', namespace: '' },
      ]);
    }, 60_000);
  });
});
