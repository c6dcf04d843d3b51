// Spinnaker's deployments through the gateway: an unmodified Clouddriver, which knows the account from
// the bridge alone and has no credential of the cluster, is asked over its REST API to deploy, scale,
// patch, restart, undo and delete. Its kubectl goes where the account's row leads it.
import {
  acquirePostgres,
  type ClouddriverHandle,
  type ClusterHandle,
  findOwnKubectl,
  isUnavailable,
  mayHaveClouddriver,
  startClouddriver,
  startCluster,
} from '@fairlead/testbed';
import {
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { sumOf } from '../src/installation/prometheus-text.ts';
import { untilAccount } from './bridge-questions.ts';
import { askClouddriver } from './clouddriver-questions.ts';
import { eventually } from './eventually.ts';

const account = 'prod-eu';
const namespace = 'shop';
const startMs = 900_000;
const operationMs = 120_000;

const describeHere =
  mayHaveClouddriver(process.env) && !isUnavailable('cluster') && !isUnavailable('postgres');

(describeHere ? describe : describe.skip)("Clouddriver's operations through the gateway", () => {
  const stack = new AsyncDisposableStack();
  let cluster: ClusterHandle;
  let bridge: BridgeProgram;
  let clouddriver: ClouddriverHandle;

  beforeAll(async () => {
    cluster = stack.use(await startCluster());
    await create('/api/v1/namespaces', { metadata: { name: namespace } });
    const server = stack.use(await acquirePostgres());
    const database = stack.use(await server.createDatabase());
    bridge = await startBridgeProgram({
      sqlUrl: database.url,
      untilReady: false,
      config: (url) => ({
        sql: { url: database.url, schema: 'clouddriver' },
        clouddriver: { accounts: { enabled: true, gatewayUrl: url } },
      }),
    });
    stack.defer(() => bridge.program.stop());
    clouddriver = await startClouddriver({
      databaseUrl: database.url,
      config: { kubernetes: { kubectl: { executable: await findOwnKubectl() } } },
    });
    stack.defer(() => clouddriver.stop());
    const agent = await startAgentProgram({
      grpcAddress: bridge.grpcAddress,
      accounts: [{ name: account, kubeconfigFile: cluster.kube.kubeconfigPath }],
    });
    stack.defer(() => agent.program.stop());
    await untilAccount(bridge.url, account);
    const isKnown = async () =>
      (await askClouddriver<{ name: string }[]>(clouddriver.url, '/credentials')).some(
        ({ name }) => name === account,
      );
    await eventually(isKnown, { what: 'Clouddriver knows the account' });
  }, startMs);

  afterAll(() => stack.disposeAsync(), 60_000);

  async function create(path: string, body: object): Promise<void> {
    const { status } = await cluster.kube.request({ method: 'POST', path, body });
    if (status !== 201) throw new Error(`${path}: ${String(status)}`);
  }

  /** Asks for one operation, waits until its task has ended, and says how. */
  async function operate(name: string, description: object): Promise<TaskStatus> {
    const response = await fetch(`${clouddriver.url}/kubernetes/ops`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ [name]: { account, credentials: account, ...description } }]),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${name}: ${String(response.status)} ${text}`);
    const { id } = JSON.parse(text) as { readonly id: string };
    return eventually(
      async () => {
        const { status } = await askClouddriver<Task>(clouddriver.url, `/task/${id}`);
        return status.completed && status;
      },
      { what: `${name} has ended`, timeoutMs: operationMs },
    );
  }

  const deploy = (...manifests: readonly object[]) =>
    operate('deployManifest', {
      ...{ manifests, moniker: { app: 'shop' }, source: 'text', enableTraffic: true },
      ...{ optionalArtifacts: [], requiredArtifacts: [], services: [] },
    });
  const web = { manifestName: 'deployment web', location: namespace };
  const objectAt = async <T>(path: string) => {
    const { status, body } = await cluster.kube.request({ path });
    return status === 200 ? (body as T) : undefined;
  };
  const deployment = () => objectAt<Deployment>(`${deployments}/web`);

  it(
    'deploys a manifest of several objects, and again with another image',
    async () => {
      const first = await deploy(aDeployment('example/web:1'), aConfigMap());
      const second = await deploy(aDeployment('example/web:2'));

      expect([first, second]).toEqual([succeeded, succeeded]);
      const { spec, metadata } = (await deployment())!;
      expect(spec.template.spec.containers[0]?.image).toBe('example/web:2');
      expect(metadata.annotations).toMatchObject({ 'moniker.spinnaker.io/application': 'shop' });
      // Clouddriver gives configuration a version of its own.
      await expect(objectAt(`${configMaps}/settings-v000`)).resolves.toMatchObject({
        data: { mode: 'fast' },
      });
    },
    2 * operationMs,
  );

  it(
    'scales',
    async () => {
      await expect(operate('scaleManifest', { ...web, replicas: 3 })).resolves.toEqual(succeeded);

      expect((await deployment())?.spec.replicas).toBe(3);
    },
    operationMs,
  );

  it(
    'patches',
    async () => {
      const patchBody = { metadata: { annotations: { patched: 'yes' } } };
      const options = { mergeStrategy: 'strategic', record: false };
      const status = await operate('patchManifest', { ...web, patchBody, options });

      expect(status).toEqual(succeeded);
      expect((await deployment())?.metadata.annotations).toMatchObject({ patched: 'yes' });
    },
    operationMs,
  );

  it(
    'undoes a rollout',
    async () => {
      const status = await operate('undoRolloutManifest', { ...web, numRevisionsBack: 1 });

      expect(status).toEqual(succeeded);
      expect((await deployment())?.spec.template.spec.containers[0]?.image).toBe('example/web:1');
    },
    operationMs,
  );

  it(
    'restarts, pauses and resumes',
    async () => {
      const restarted = await operate('rollingRestartManifest', web);
      const paused = await operate('pauseRolloutManifest', web);
      const whilePaused = await deployment();
      const resumed = await operate('resumeRolloutManifest', web);

      expect([restarted, paused, resumed]).toEqual([succeeded, succeeded, succeeded]);
      expect(whilePaused?.spec.paused).toBe(true);
      expect((await deployment())?.spec.template.metadata.annotations).toHaveProperty([
        'kubectl.kubernetes.io/restartedAt',
      ]);
    },
    2 * operationMs,
  );

  it(
    'shows a manifest as it is now, and says why an operation fails',
    async () => {
      const path = `/manifests/${account}/${namespace}/deployment%20web`;
      const shown = await askClouddriver<{ manifest: Deployment }>(clouddriver.url, path);
      const failing = await deploy({ ...aDeployment('example/web:3'), spec: { replicas: 'many' } });

      expect(shown.manifest.spec.replicas).toBe(3);
      expect(failing).toMatchObject({ completed: true, failed: true });
    },
    2 * operationMs,
  );

  it(
    'deletes, and waits for what belongs to it',
    async () => {
      const options = { cascading: true, gracePeriodSeconds: 1 };
      const status = await operate('deleteManifest', { ...web, options });

      expect(status).toEqual(succeeded);
      await expect(deployment()).resolves.toBeUndefined();
      const noPods = async () => (await objectAt<{ items: unknown[] }>(pods))?.items.length === 0;
      await eventually(noPods, { what: 'its pods are gone' });
    },
    2 * operationMs,
  );

  it('did all of that through the gateway', async () => {
    const answered = sumOf(await bridge.metrics(), 'fairlead_bridge_gateway_requests_total');

    expect(answered).toBeGreaterThan(30);
  });
});

const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
const pods = `/api/v1/namespaces/${namespace}/pods`;

interface TaskStatus {
  readonly completed: boolean;
  readonly failed: boolean;
}

interface Task {
  readonly status: TaskStatus;
}

interface Deployment {
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
  readonly spec: {
    readonly replicas: number;
    readonly paused?: boolean;
    readonly template: {
      readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
      readonly spec: { readonly containers: readonly { readonly image: string }[] };
    };
  };
}

const succeeded: unknown = expect.objectContaining({ completed: true, failed: false });

function aDeployment(image: string): object {
  const labels = { app: 'web' };
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace } },
    spec: {
      ...{ replicas: 1, selector: { matchLabels: labels } },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image }] } },
    },
  };
}

function aConfigMap(): object {
  return {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace } },
    data: { mode: 'fast' },
  };
}
