// What the bridge answers itself, beside what the API server answers: lists, objects and watches from
// SQL, an unchanged informer on them, and discovery that is kept; while the API server stands still.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterClientFromKubeconfig, type ClusterClient } from '@fairlead/cluster-client';
import {
  acquirePostgres,
  findOwnKubectl,
  isUnavailable,
  type KubeHandle,
  startKube,
} from '@fairlead/testbed';
import { CoreV1Api, KubeConfig, makeInformer, type V1ConfigMap } from '@kubernetes/client-node';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { sumOf } from '../src/installation/prometheus-text.ts';
import { createDefinition, populate } from '../src/population/cluster-population.ts';
import { untilAccount } from './bridge-questions.ts';
import { eventually } from './eventually.ts';

const startMs = 900_000;
const timeoutMs = 120_000;
const namespace = 'reads';

interface KubeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    resourceVersion: string;
  };
}
interface List {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly KubeObject[];
}

const isPossible = !isUnavailable('kube') && !isUnavailable('postgres');
(isPossible ? describe : describe.skip)('answers of the bridge itself', () => {
  const stack = new AsyncDisposableStack();
  let kube: KubeHandle;
  let cluster: ClusterClient;
  let bridge: BridgeProgram;
  let agent: AgentProgram;
  let cached: string;

  beforeAll(async () => {
    kube = await startKube();
    stack.defer(() => kube.stop());
    cluster = await clusterClientFromKubeconfig({ kubeconfigFile: kube.kubeconfigPath });
    stack.defer(() => cluster.close());
    await populate(cluster, { objects: 300, namespaces: 3, canary: 'reads-canary' });
    await post('/api/v1/namespaces', { metadata: { name: namespace } });
    const server = await acquirePostgres();
    stack.defer(() => server[Symbol.asyncDispose]());
    const database = await server.createDatabase();
    bridge = await startBridgeProgram({ sqlUrl: database.url });
    stack.defer(() => bridge.program.stop());
    const kinds = ['pod', 'configMap', 'secret', 'deployment', 'service', 'namespace'];
    const definitions = ['customResourceDefinition', 'crontab.stable.example.com'];
    const account = { name: 'real', kubeconfigFile: kube.kubeconfigPath };
    agent = await startAgentProgram({
      grpcAddress: bridge.grpcAddress,
      accounts: [{ ...account, kinds: [...kinds, ...definitions] }],
    });
    stack.defer(() => agent.program.stop());
    await untilAccount(bridge.url, 'real');
    cached = `${bridge.url}/clusters/real/fairlead/cache`;
  }, startMs);

  afterAll(() => stack.disposeAsync(), 60_000);

  /** Asks the API server itself. */
  const live = async <T>(path: string): Promise<T> => {
    const response = await cluster.request({ path });
    return JSON.parse(await response.text()) as T;
  };
  const send = async (method: string, path: string, object?: object): Promise<KubeObject> => {
    const headers = { 'content-type': 'application/json' };
    const body = object === undefined ? {} : { body: JSON.stringify(object) };
    const response = await cluster.request({ method, path, headers, ...body });
    const text = await response.text();
    if (response.status >= 300) throw new Error(`${method} ${path}: ${text}`);
    return JSON.parse(text) as KubeObject;
  };
  const post = (path: string, object: object) => send('POST', path, object);
  /** Asks the cache. */
  const fromCache = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${cached}${path}`);
    if (response.status !== 200) throw new Error(`${path}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  const untilAt = (path: string, version: string) =>
    eventually(
      async () => {
        const { metadata } = await fromCache<List>(`${path}?limit=1`);
        return Number(metadata.resourceVersion) >= Number(version);
      },
      { what: `the cache is at ${version}` },
    );
  const aConfigMap = (name: string, data: object = {}) => ({
    metadata: { name, labels: { of: 'reads' } },
    data,
  });
  const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;

  describe.each([
    ['/api/v1/pods', 'PodList'],
    ['/api/v1/configmaps', 'ConfigMapList'],
    ['/apis/apps/v1/deployments', 'DeploymentList'],
    ['/api/v1/namespaces', 'NamespaceList'],
    ['/apis/stable.example.com/v1/crontabs', 'CronTabList'],
  ])('of %s', (path, kind) => {
    it('are the objects that the API server has', async () => {
      const wanted = await live<List>(path);
      const list = await fromCache<List>(path);

      expect({ kind: list.kind, apiVersion: list.apiVersion }).toEqual({
        ...{ kind, apiVersion: wanted.apiVersion },
      });
      expect(byName(list.items)).toEqual(byName(wanted.items, list));
    });

    it('are the same page by page, and one by one', async () => {
      const whole = await fromCache<List>(path);
      const items: KubeObject[] = [];
      for (let token: string | undefined = ''; token !== undefined;) {
        const page: List = await fromCache<List>(`${path}?limit=37&continue=${token}`);
        items.push(...page.items);
        token = page.metadata.continue;
      }
      expect(items).toEqual(whole.items);

      for (const object of whole.items.slice(0, 3)) {
        const { name, namespace: of } = object.metadata;
        const place = of === undefined ? path : path.replace(/\/(\w+)$/, `/namespaces/${of}/$1`);
        expect(await fromCache(`${place}/${name}`)).toEqual(object);
      }
    });
  });

  it('are selected as the API server selects', async () => {
    const selections = [
      ['/api/v1/pods', 'labelSelector=app'],
      ['/api/v1/pods', 'labelSelector=app%20notin%20(x),!absent'],
      ['/api/v1/pods', 'fieldSelector=status.phase%3DRunning'],
      ['/api/v1/pods', 'fieldSelector=status.phase!%3DRunning,spec.restartPolicy%3DAlways'],
      ['/api/v1/pods', 'fieldSelector=spec.nodeName%3D'],
      ['/api/v1/namespaces', 'fieldSelector=metadata.name%3Dreads'],
    ] as const;
    for (const [path, query] of selections) {
      const wanted = await live<List>(`${path}?${query}`);
      const list = await fromCache<List>(`${path}?${query}`);
      expect(byName(list.items).map(nameOf)).toEqual(byName(wanted.items).map(nameOf));
    }
    const wrong = await cluster.request({ path: '/api/v1/pods?fieldSelector=spec.x%3D1' });
    await wrong.text();
    expect((await fetch(`${cached}/api/v1/pods?fieldSelector=spec.x%3D1`)).status).toBe(
      wrong.status,
    );
  });

  it('have a version from which the API server’s own watch goes on', async () => {
    const { metadata } = await fromCache<List>(configMaps);
    await post(configMaps, aConfigMap('from-list'));

    const abort = new AbortController();
    const path = `${configMaps}?watch=true&resourceVersion=${metadata.resourceVersion}`;
    const response = await cluster.request({ path, signal: abort.signal });
    const [event] = await eventsOf(response.body, 1);
    abort.abort();

    expect(response.status).toBe(200);
    expect(event).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'from-list' } } });
  });

  it(
    'watch what the API server’s own watch sees',
    async () => {
      const { metadata } = await live<List>(configMaps);
      await untilAt(configMaps, metadata.resourceVersion);
      const query = `watch=true&labelSelector=of%3Dreads&resourceVersion=${metadata.resourceVersion}`;
      const abort = new AbortController();
      const fromServer = await cluster.request({
        ...{ path: `${configMaps}?${query}`, signal: abort.signal },
      });
      const fromBridge = await fetch(`${cached}${configMaps}?${query}`, { signal: abort.signal });
      const steps = 30;
      for (let step = 0; step < steps; step += 1) {
        await post(configMaps, aConfigMap(`w-${step}`));
        await send('PUT', `${configMaps}/w-${step}`, aConfigMap(`w-${step}`, { step: `${step}` }));
        if (step % 3 === 0) await send('DELETE', `${configMaps}/w-${step}`);
        else if (step % 3 === 1) {
          const changed = { metadata: { name: `w-${step}`, labels: { of: 'others' } } };
          await send('PUT', `${configMaps}/w-${step}`, changed);
        }
      }
      const end = await post(configMaps, aConfigMap('end'));
      const isLast = ({ object }: WatchEvent) =>
        object.metadata.resourceVersion === end.metadata.resourceVersion;
      const wanted = await eventsUntil(fromServer.body, isLast);
      const seen = await eventsUntil(fromBridge.body!, isLast);
      abort.abort();

      // A change that another one overtakes before it is committed is not told: an object may appear
      // in a later version than its first.
      const described = wanted.map(describeEvent);
      for (const line of seen.map(describeEvent)) expect(described).toContain(line);
      expect(finalOf(seen)).toEqual(finalOf(wanted));
      const versions = seen.map(({ object }) => Number(object.metadata.resourceVersion));
      expect(versions).toEqual([...versions].sort((a, b) => a - b));
    },
    timeoutMs,
  );

  it(
    'are what an unchanged informer works on',
    async () => {
      const config = new KubeConfig();
      config.loadFromClusterAndUser(
        { name: 'cache', server: cached, skipTLSVerify: true },
        { name: 'anybody' },
      );
      const api = config.makeApiClient(CoreV1Api);
      const informer = makeInformer<V1ConfigMap>(config, configMaps, () =>
        api.listNamespacedConfigMap({ namespace }),
      );
      const errors: unknown[] = [];
      informer.on('error', (error: unknown) => errors.push(error));
      await informer.start();
      for (let index = 0; index < 10; index += 1) await post(configMaps, aConfigMap(`i-${index}`));
      for (let index = 0; index < 5; index += 1) await send('DELETE', `${configMaps}/i-${index}`);

      const known = () =>
        informer
          .list()
          .map(({ metadata }) => metadata?.name)
          .sort();
      const { items } = await live<List>(configMaps);
      const wanted = items.map(({ metadata }) => metadata.name).sort();
      await eventually(() => Promise.resolve(String(known()) === String(wanted)), {
        what: 'the informer knows what the cluster has',
      });

      expect(errors).toEqual([]);
      await informer.stop();
    },
    timeoutMs,
  );

  describe('while the API server stands still', () => {
    let home: string;

    beforeAll(async () => {
      home = await mkdtemp(join(tmpdir(), 'fairlead-cached-'));
      // The first one asks the cluster what it offers.
      await kubectl(['get', 'pods', '-A']);
      await kube.pause();
    }, 60_000);

    afterAll(async () => {
      await kube.resume();
      await rm(home, { recursive: true });
    });

    /** A kubectl that knows nothing yet. */
    const kubectl = async (args: readonly string[]): Promise<string> => {
      const folder = await mkdtemp(join(home, 'kubectl-'));
      const file = join(folder, 'config');
      const clusters = [{ name: 'c', cluster: { server: cached } }];
      const contexts = [{ name: 'c', context: { cluster: 'c', user: 'c' } }];
      const users = [{ name: 'c', user: {} }];
      const text = { apiVersion: 'v1', kind: 'Config', clusters, contexts, users };
      await writeFile(file, JSON.stringify({ ...text, 'current-context': 'c' }));
      const program = await findOwnKubectl();
      const options = { env: { ...process.env, HOME: folder, KUBECONFIG: file }, timeout: 20_000 };
      return new Promise((resolve, reject) => {
        execFile(program, [...args], options, (error, stdout, stderr) => {
          if (error === null) resolve(stdout);
          else reject(new Error(stderr, { cause: error }));
        });
      });
    };

    it('a cold kubectl lists and shows', async () => {
      const before = sumOf(await bridge.metrics(), 'fairlead_bridge_discovery_answers_total', {
        result: 'miss',
      });

      const names = await kubectl(['get', 'po', '-A', '-o', 'name']);
      const table = await kubectl(['get', 'namespaces', namespace]);
      const yaml = await kubectl(['get', 'ns', namespace, '-o', 'yaml']);
      const raw = await kubectl(['get', '--raw', configMaps]);

      expect(names.split('\n').length).toBeGreaterThan(10);
      expect(table).toMatch(/^NAME +.*AGE\nreads /);
      expect(yaml).toContain('kind: Namespace');
      expect((JSON.parse(raw) as List).kind).toBe('ConfigMapList');
      const after = sumOf(await bridge.metrics(), 'fairlead_bridge_discovery_answers_total', {
        result: 'miss',
      });
      expect(after).toBe(before);
    }, 60_000);

    it('answers 200 watchers, and says what it does not have', async () => {
      const { metadata } = await fromCache<List>('/api/v1/pods?limit=1');
      const abort = new AbortController();
      const watches = await Promise.all(
        Array.from({ length: 200 }, () =>
          fetch(`${cached}/api/v1/pods?watch=1&resourceVersion=${metadata.resourceVersion}`, {
            signal: abort.signal,
          }),
        ),
      );
      expect(watches.every(({ status }) => status === 200)).toBe(true);
      abort.abort();

      expect((await fetch(`${cached}/api/v1/nodes`)).status).toBe(404);
      expect((await fetch(`${cached}/api/v1/namespaces/reads/pods/x/log`)).status).toBe(404);
    });
  });

  it('are the bytes of discovery that the API server gives, and 304 to who has them', async () => {
    const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    for (const [path, accept] of [
      ['/apis', aggregated],
      ['/api', 'application/json'],
      ['/apis/apps/v1', 'application/json'],
      ['/version', 'application/json'],
      ['/openapi/v2', 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'],
      ['/openapi/v3', 'application/json'],
    ] as const) {
      const wanted = await cluster.request({ path, headers: { accept } });
      const url = `${bridge.url}/clusters/real${path}`;
      await (await fetch(url, { headers: { accept } })).arrayBuffer();
      const answer = await fetch(url, { headers: { accept } });

      const wantedBytes = await bytesOf(wanted.body);
      const isSame = Buffer.from(await answer.arrayBuffer()).equals(wantedBytes);
      expect({ path, isSame }).toEqual({ path, isSame: true });
      expect(answer.headers.get('content-type')).toBe(wanted.headers['content-type']);
      const etag = answer.headers.get('etag');
      if (etag === null) continue;
      const again = await fetch(url, { headers: { accept, 'if-none-match': etag } });
      expect(again.status).toBe(304);
    }
  }, 60_000);

  it(
    'know of a new kind within seconds',
    async () => {
      const group = 'late.example.com';
      const url = `${bridge.url}/clusters/real/apis/${group}/v1`;
      const openApi = `${bridge.url}/clusters/real/openapi/v3`;
      expect((await fetch(url)).status).toBe(404);
      const isDescribed = async () => (await (await fetch(openApi)).text()).includes(group);
      expect(await isDescribed()).toBe(false);

      await createDefinition(cluster, aDefinition(group));

      await eventually(async () => (await fetch(url)).status === 200, { what: 'it is discovered' });
      await eventually(isDescribed, { what: 'it is described' });
    },
    timeoutMs,
  );
});

interface WatchEvent {
  readonly type: string;
  readonly object: KubeObject;
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function eventsOf(body: AsyncIterable<Uint8Array>, count: number): Promise<WatchEvent[]> {
  let seen = 0;
  return eventsUntil(body, () => (seen += 1) === count);
}

async function eventsUntil(
  body: AsyncIterable<Uint8Array>,
  isLast: (event: WatchEvent) => boolean,
): Promise<WatchEvent[]> {
  const events: WatchEvent[] = [];
  let text = '';
  for await (const chunk of body) {
    text += Buffer.from(chunk).toString();
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const event = JSON.parse(line) as WatchEvent;
      events.push(event);
      if (isLast(event)) return events;
    }
  }
  return events;
}

function describeEvent({ type, object }: WatchEvent): string {
  const what = type === 'DELETED' ? 'gone' : 'there';
  return `${what} ${object.metadata.name} ${object.metadata.resourceVersion}`;
}

/** What is there in the end, and in which version. */
function finalOf(events: readonly WatchEvent[]): ReadonlyMap<string, string> {
  const last = new Map<string, string>();
  for (const { type, object } of events) {
    if (type === 'DELETED') last.delete(object.metadata.name);
    else last.set(object.metadata.name, object.metadata.resourceVersion);
  }
  return new Map([...last].sort());
}

function nameOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/**
 * In one order; objects of a list of the API server's say their kind as those of the cache do, and do
 * not say who manages what, which agents leave out by default.
 */
function byName(items: readonly KubeObject[], of?: List): readonly KubeObject[] {
  const kind = of && { apiVersion: of.apiVersion, kind: of.kind.replace(/List$/, '') };
  return [...items]
    .map((item) => ({ ...kind, ...item, metadata: { ...item.metadata, managedFields: undefined } }))
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function aDefinition(group: string): Readonly<Record<string, unknown>> {
  const schema = { openAPIV3Schema: { type: 'object' } };
  return {
    ...{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
    metadata: { name: `latecomers.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'latecomers', singular: 'latecomer', kind: 'Latecomer' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}
