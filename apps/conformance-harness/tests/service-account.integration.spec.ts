// Agent mode: the agent in its own cluster, with the service account of its pod and nothing else,
// before a real API server with RBAC. A kind that RBAC forbids is forbidden for its feed only.
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isUnavailable, type KubeHandle, startKube } from '@fairlead/testbed';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { agentAccounts } from './agent-questions.ts';
import { feedsOf, type ShownAccount, untilAccount } from './bridge-questions.ts';
import { eventually } from './eventually.ts';

/** Where a pod has its service account: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
const secretsFolder = '/var/run/secrets';
const podFolder = join(secretsFolder, 'kubernetes.io', 'serviceaccount');
/** Only root may make it, and only where none is: in a pod it is somebody's. */
const canActAsPod = process.getuid?.() === 0 && !existsSync(secretsFolder);

const kinds = ['namespace', 'configMap', 'secret', 'pod', 'deployment', 'clusterRole'];
const readable = ['namespaces', 'configmaps', 'pods'];
const describeInPod = isUnavailable('kube') || !canActAsPod ? describe.skip : describe;

describeInPod('an agent with the service account of its pod', () => {
  let kube: KubeHandle;
  let bridge: BridgeProgram;
  let agent: AgentProgram;
  const environment = { ...process.env };

  beforeAll(async () => {
    kube = await startKube();
    const token = await kube.serviceAccountToken({ name: 'fairlead-agent' });
    await create('/apis/rbac.authorization.k8s.io/v1/clusterroles', {
      metadata: { name: 'fairlead-agent' },
      rules: [
        { apiGroups: [''], resources: readable, verbs: ['get', 'list', 'watch'] },
        { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list', 'watch'] },
      ],
    });
    await create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
      metadata: { name: 'fairlead-agent' },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'fairlead-agent',
      },
      subjects: [{ kind: 'ServiceAccount', name: 'fairlead-agent', namespace: 'default' }],
    });
    await createConfigMap('before-the-start');
    await mkdir(podFolder, { recursive: true });
    await writeFile(join(podFolder, 'token'), token, { mode: 0o600 });
    await writeFile(join(podFolder, 'ca.crt'), kube.caPem);
    process.env.KUBERNETES_SERVICE_HOST = '127.0.0.1';
    process.env.KUBERNETES_SERVICE_PORT = String(kube.port);
    bridge = await startBridgeProgram({ sqlUrl: 'embedded:./data' });
    agent = await startAgentProgram({
      grpcAddress: bridge.grpcAddress,
      accounts: [
        { name: 'home', serviceAccount: true, kinds },
        { name: 'blind', serviceAccount: true, kinds: ['secret'] },
      ],
    });
    await untilAccount(bridge.url, 'home');
  }, 900_000);

  afterAll(async () => {
    process.env = environment;
    await agent.program.stop();
    await bridge.program.stop();
    await rm(secretsFolder, { recursive: true, force: true });
    await kube.stop();
  }, 60_000);

  async function create(path: string, body: object): Promise<void> {
    const { status } = await kube.request({ method: 'POST', path, body });
    if (status >= 300) throw new Error(`POST ${path} answered ${String(status)}`);
  }

  const createConfigMap = (name: string) =>
    create('/api/v1/namespaces/default/configmaps', { metadata: { name }, data: { key: 'value' } });

  const isStored = async (name: string) =>
    (await fetch(`${bridge.url}/api/v1/objects/home/configMap/default/${name}`)).ok;

  const statesByKind = async () =>
    Object.fromEntries((await feedsOf(bridge.url, 'home')).map(({ kind, state }) => [kind, state]));

  it('syncs what RBAC lets it read; a kind that it may not read is forbidden, alone', async () => {
    await eventually(
      async () => {
        const states = await statesByKind();
        return states.secret === 'forbidden' && states.clusterRole === 'forbidden';
      },
      { what: 'both kinds are forbidden', timeoutMs: 20_000 },
    );

    expect(await statesByKind()).toEqual({
      namespace: 'watching',
      configMap: 'watching',
      pod: 'watching',
      deployment: 'watching',
      secret: 'forbidden',
      clusterRole: 'forbidden',
    });
    expect(await untilAccount(bridge.url, 'home')).toMatchObject({ state: 'synced' });
    expect(await isStored('before-the-start')).toBe(true);
  }, 40_000);

  it('says why, in the words of the API server', async () => {
    const feeds = await feedsOf(bridge.url, 'home');

    expect(feeds.find(({ kind }) => kind === 'secret')?.reason).toMatch(
      /secrets.*cannot (list|watch)/s,
    );
    expect(feeds.filter(({ state, reason }) => state === 'watching' && reason !== '')).toEqual([]);
  });

  it('reads on: a change arrives', async () => {
    await createConfigMap('after-the-start');

    await eventually(() => isStored('after-the-start'), {
      what: 'the new ConfigMap is stored',
      timeoutMs: 20_000,
    });
  }, 30_000);

  it('knows its cluster by the address that pods have', async () => {
    expect((await agentAccounts(agent)).get('home')).toMatchObject({
      state: 'feeding',
      cluster: { server: kube.url, version: kube.version },
    });
  });

  it('that may read nothing says so, instead of syncing for ever', async () => {
    const account = await eventually(
      async () => {
        const [feed] = await feedsOf(bridge.url, 'blind');
        return feed?.state === 'forbidden' && shownAccount('blind');
      },
      { what: 'the only feed is forbidden', timeoutMs: 20_000 },
    );

    expect(account.reason).toContain('forbidden');
  }, 30_000);

  async function shownAccount(name: string): Promise<ShownAccount> {
    const response = await fetch(`${bridge.url}/api/v1/accounts/${name}`);
    return (await response.json()) as ShownAccount;
  }
});
