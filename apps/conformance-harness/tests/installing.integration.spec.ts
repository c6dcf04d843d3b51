// What a person installs: the charts, by Helm, into a real API server; the programs run with exactly
// what the charts made of the values. The three modes of the agent beside each other, on one bridge.
import { isUnavailable, type PodView } from '@fairlead/testbed';
import { stringify } from 'yaml';
import { parseSamples, type Sample, sumOf } from '../src/installation/prometheus-text.ts';
import { agentAccounts } from './agent-questions.ts';
import { allZero, countsOf, type ShownFeed } from './bridge-questions.ts';
import { eventually } from './eventually.ts';
import {
  type InstallationYard,
  kubeconfigText,
  type Ports,
  type Release,
  startInstallationYard,
  twoPorts,
  untilState,
} from './installation-yard.ts';

const startMs = 900_000;
const stepMs = 120_000;
/** From the change of a file to what comes of it; the promise is ten seconds. */
const promise = { timeoutMs: 10_000 };
const canInstall = !['pods', 'helm', 'postgres', 'kube'].some((need) =>
  isUnavailable(need as 'pods'),
);

const rbac = 'rbac.authorization.k8s.io';

interface StoredObjects {
  readonly items: readonly { readonly namespace: string; readonly kind: string }[];
}

(canInstall ? describe : describe.skip)('an installation by the charts', () => {
  let yard: InstallationYard;
  let ports: Readonly<Record<'home' | 'team' | 'infra' | 'beside', Ports>>;
  let home: Release;
  let infra: Release;

  const team = 'team-a';
  /** In the cluster elsewhere, which is shared. */
  const far = `far-${String(process.pid)}`;
  /** What Armory's users have, with the address of the bridge and two accounts. */
  const armoryFile = (...accounts: readonly object[]) =>
    stringify({ clouddriver: { grpc: yard.bridgeAddress }, kubernetes: { accounts } });
  const armoryAccount = (name: string, kinds: readonly string[]) => ({
    ...{ name, kinds, context: 'near' },
    kubeconfigFile: '/kubeconfigfiles/near.yaml',
  });
  const kept = armoryAccount('kept', ['namespace', 'configMap', 'service']);
  const dropped = armoryAccount('dropped', ['pod', 'deployment']);
  const added = armoryAccount('added', ['serviceAccount', 'role']);

  beforeAll(async () => {
    yard = await startInstallationYard();
    ports = {
      ...{ home: await twoPorts(), team: await twoPorts() },
      ...{ infra: await twoPorts(), beside: await twoPorts() },
    };
    await arrange();
    home = homeRelease();
    infra = infraRelease(ports.infra);
    const all = [bridgeRelease(), home, teamRelease(), infra, besideRelease()];
    await Promise.all(all.map((release) => yard.install(release)));
  }, startMs);

  afterAll(() => yard[Symbol.asyncDispose](), 60_000);

  /** Namespaces, tokens, kubeconfigs: what is there before Helm comes. */
  async function arrange(): Promise<void> {
    for (const namespace of ['spin', 'fairlead', team]) await yard.createNamespace(namespace);
    await yard.createBridgeSecrets('spin');
    const tokens = { home: 'token-of-home', team: 'token-of-team', spin: 'token-of-spin' };
    await yard.createSecret('spin', 'agents', tokens);
    await yard.createSecret('fairlead', 'bridge-token', { token: tokens.home });
    await yard.createSecret(team, 'bridge-token', { token: tokens.team });
    await yard.createSecret('spin', 'kubeconfigs', {
      'near.yaml': await kubeconfigText(yard.cluster.kube.kubeconfigPath, { context: 'near' }),
      'far.yaml': await kubeconfigText(yard.elsewhere.kubeconfigPath, { context: 'far' }),
    });
    const path = '/api/v1/namespaces';
    await yard.elsewhere.request({ method: 'POST', path, body: { metadata: { name: far } } });
    const body = { metadata: { name: 'here' }, spec: { ports: [{ port: 80 }] } };
    await yard.elsewhere.request({ method: 'POST', path: `${path}/${far}/services`, body });
    await yard.create('/api/v1/namespaces/spin/configmaps', {
      metadata: { name: 'armory' },
      data: { 'armory-agent.yaml': armoryFile(kept, dropped) },
    });
  }

  function bridgeRelease(): Release {
    const rules = [
      { existingSecret: 'agents', existingSecretKey: 'home', accounts: ['home'] },
      { existingSecret: 'agents', existingSecretKey: 'team', accounts: [team] },
      { existingSecret: 'agents', existingSecretKey: 'spin', accounts: ['*'] },
    ];
    const registry = { gracePeriodSeconds: 5 };
    return {
      ...{ name: 'bridge', namespace: 'spin', chart: 'fairlead-bridge' },
      values: { ...yard.bridgeValues(rules), registry, preStopSeconds: 1 },
    };
  }

  function homeRelease(): Release {
    return {
      ...{ name: 'home', namespace: 'fairlead', chart: 'fairlead-agent' },
      values: { ...yard.agentValues(ports.home, 'bridge-token'), account: { name: 'home' } },
    };
  }

  function teamRelease(): Release {
    return {
      ...{ name: 'team', namespace: team, chart: 'fairlead-agent' },
      values: {
        ...yard.agentValues(ports.team, 'bridge-token'),
        account: { name: team },
        rbac: { access: 'full', namespaced: true },
      },
    };
  }

  function infraRelease(at: Ports): Release {
    return {
      ...{ name: 'infra', namespace: 'spin', chart: 'fairlead-agent' },
      values: {
        ...yard.agentValues(at, 'agents'),
        bridge: { ...spinBridge(at), existingSecretKey: 'spin' },
        mode: 'infrastructure',
        kubeconfigs: {
          near: { secret: 'kubeconfigs', key: 'near.yaml', context: 'near', omitKinds: ['pod'] },
          far: {
            ...{ secret: 'kubeconfigs', key: 'far.yaml', context: 'far' },
            ...{ namespaces: [far], onlyNamespacedResources: true },
          },
        },
      },
    };
  }

  const spinBridge = (at: Ports) => yard.agentValues(at, 'agents').bridge as object;

  /** The address of the bridge is in Armory's file already. */
  function besideRelease(): Release {
    const { address: _, ...bridge } = spinBridge(ports.beside) as { readonly address: string };
    return {
      ...{ name: 'beside', namespace: 'spin', chart: 'fairlead-agent' },
      values: {
        ...yard.agentValues(ports.beside, 'agents'),
        bridge: { ...bridge, existingSecretKey: 'spin' },
        mode: 'spinnaker-service',
        spinnakerService: { configMap: 'armory', path: '/opt/armory/config' },
        kubeconfigsSecret: 'kubeconfigs',
      },
    };
  }

  const podOf = (release: Pick<Release, 'name' | 'namespace'>): PodView =>
    yard.pods(release).at(-1)!;
  const adminOf = ({ http }: Ports) => ({ url: `http://127.0.0.1:${String(http)}` });
  async function metricsOf(at: Ports): Promise<readonly Sample[]> {
    return parseSamples(await (await fetch(`${adminOf(at).url}/metrics`)).text());
  }
  const feedsOf = async (account: string) =>
    (await yard.ask<{ readonly items: readonly ShownFeed[] }>(`/api/v1/accounts/${account}/feeds`))
      ?.items ?? [];
  const isKnown = async (account: string) =>
    (await yard.ask(`/api/v1/accounts/${account}`)) !== undefined;

  it(
    'syncs every account of the three modes, and holds exactly what the clusters hold',
    async () => {
      const accounts = ['home', team, 'near', 'far', 'kept', 'dropped'];
      const verdicts = accounts.map(async (account) => {
        await untilState(yard, account, 'synced');
        const cluster = account === 'far' ? yard.elsewhere : yard.cluster.kube;
        const verdict = await yard.verify(account, cluster.kubeconfigPath);
        const states = new Set((await feedsOf(account)).map(({ state }) => state));
        const complaint = verdict.code === 0 ? '' : verdict.output;
        return [account, { ...countsOf(verdict), states: [...states], complaint }];
      });
      const clean = { ...allZero, states: ['watching'], complaint: '' };

      expect(await Promise.all(verdicts)).toEqual(accounts.map((account) => [account, clean]));
    },
    stepMs,
  );

  it(
    'passes the tests that come with the charts',
    async () => {
      const test = (name: string, namespace: string) =>
        yard.helm('test', name, '--namespace', namespace, '--timeout', '50s');

      await expect(
        Promise.all([test('bridge', 'spin'), test('home', 'fairlead'), test('beside', 'spin')]),
      ).resolves.toHaveLength(3);
    },
    stepMs,
  );

  it('gives an agent in its own cluster what it follows, and nothing else', async () => {
    const pod = podOf({ name: 'home', namespace: 'fairlead' });
    const list = (resource: string, group = '') =>
      yard.mayDo(pod, { verb: 'list', resource, group });

    expect(await list('pods')).toBe(true);
    expect(await list('deployments', 'apps')).toBe(true);
    expect(await list('secrets')).toBe(false);
    expect(await list('nodes')).toBe(false);
    expect(await yard.mayDo(pod, { verb: 'create', resource: 'configmaps' })).toBe(false);
    expect((await agentAccounts(adminOf(ports.home))).get('home')).toMatchObject({
      cluster: { server: yard.cluster.kube.url },
    });
  });

  it('keeps an agent of some namespaces in these', async () => {
    const pod = podOf({ name: 'team', namespace: team });
    const stored = await yard.ask<StoredObjects>(`/api/v1/objects?account=${team}&limit=500`);
    const mayList = (namespace: string) =>
      yard.mayDo(pod, { verb: 'list', resource: 'pods', namespace });

    expect(stored?.items.map(({ kind }) => kind)).toContain('pod');
    expect(stored?.items.filter(({ namespace }) => namespace !== team)).toEqual([]);
    expect([await mayList(team), await mayList('spin'), await mayList('')]).toEqual([
      ...[true, false, false],
    ]);
  });

  it(
    'refuses what a read-only agent is asked to write, in words that help',
    async () => {
      const outcome = await yard.kubectl(
        'home',
        'create',
        'configmap',
        'x',
        '-n',
        'fairlead',
        '-v=6',
      );

      expect(outcome.code).toBe(1);
      expect(outcome.stderr).toContain('status="403 Forbidden"');
      expect(outcome.stderr).toContain(
        "refuses to create configmaps in the namespace fairlead: its own configuration of the account home (operations.allow: read-only) does not allow it, whatever the cluster's RBAC says",
      );
    },
    stepMs,
  );

  it(
    "writes with an agent's full role where that is meant, and nowhere else",
    async () => {
      const made = await yard.kubectl(team, 'create', 'configmap', 'mine', '-n', team);
      const elsewhere = await yard.kubectl(team, 'create', 'configmap', 'mine', '-n', 'spin');

      expect(made).toMatchObject({ code: 0, stderr: '' });
      expect(elsewhere.code).toBe(1);
      expect(elsewhere.stderr).toMatch(/forbidden: User "system:serviceaccount:team-a:/);
    },
    stepMs,
  );

  it(
    'follows an edited ConfigMap: one account more, one less, the others undisturbed',
    async () => {
      const { beside } = ports;
      const standing = async () => {
        const { state, since, epoch } = (await agentAccounts(adminOf(beside))).get('kept')!;
        return { state, since, epoch };
      };
      const before = await standing();
      const relists = sumOf(await metricsOf(beside), 'fairlead_agent_relists_total');
      const starts = sumOf(await metricsOf(beside), 'fairlead_agent_feed_starts_total');
      const { pid } = podOf({ name: 'beside', namespace: 'spin' }).containers[0]!;

      await yard.edit('/api/v1/namespaces/spin/configmaps/armory', {
        data: { 'armory-agent.yaml': armoryFile(kept, added) },
      });
      await eventually(
        async () => {
          const accounts = await agentAccounts(adminOf(beside));
          const shown = await yard.ask<{ readonly state: string }>('/api/v1/accounts/added');
          return !accounts.has('dropped') && shown?.state === 'synced';
        },
        { ...promise, what: 'one account is synced, the other one is gone' },
      );

      expect(await standing()).toEqual(before);
      expect(podOf({ name: 'beside', namespace: 'spin' }).containers[0]).toMatchObject({ pid });
      const after = await metricsOf(beside);
      expect(sumOf(after, 'fairlead_agent_relists_total')).toBe(relists);
      // A feed for each kind of the account that came, and none for the one that stayed.
      expect(sumOf(after, 'fairlead_agent_feed_starts_total')).toBe(starts + added.kinds.length);
      expect(countsOf(await yard.verify('added', yard.cluster.kube.kubeconfigPath))).toEqual(
        allZero,
      );
      await eventually(async () => !(await isKnown('dropped')), {
        what: 'the grace period of the account that is gone is over',
      });
    },
    stepMs,
  );

  it(
    'hands over to the new pod of an upgrade, which lists nothing again',
    async () => {
      const old = podOf(infra);
      const next = await twoPorts();
      await yard.install(infraRelease(next));
      await eventually(() => Promise.resolve(old.containers[0]?.exitCode !== undefined), {
        what: 'the old pod has gone',
      });
      await untilState(yard, 'near', 'synced');
      await untilState(yard, 'far', 'synced');

      expect(old.containers[0]?.exitCode).toBe(0);
      const metrics = await metricsOf(next);
      expect(sumOf(metrics, 'fairlead_agent_relists_total')).toBe(0);
      const starts = (mode: string) => sumOf(metrics, 'fairlead_agent_feed_starts_total', { mode });
      expect(starts('resume')).toBeGreaterThan(10);
      expect(starts('list')).toBe(0);
      expect(countsOf(await yard.verify('near', yard.cluster.kube.kubeconfigPath))).toEqual(
        allZero,
      );
    },
    stepMs,
  );

  it(
    'follows a new kubeconfig without a restart, and no longer reads what it does not allow',
    async () => {
      const { kube } = yard.cluster;
      const { pid } = podOf(infra).containers[0]!;
      const viewer = { name: 'viewer', namespace: 'spin' };
      const token = await kube.serviceAccountToken(viewer);
      // What the role "view" is made of: every kind that is followed but one.
      const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name: 'system:aggregate-to-view' };
      const subjects = [{ kind: 'ServiceAccount', ...viewer }];
      const binding = { metadata: { name: 'viewer' }, roleRef, subjects };
      await yard.create(`/apis/${rbac}/v1/clusterrolebindings`, binding);
      const text = await kubeconfigText(kube.kubeconfigPath, { context: 'near', token });
      await yard.edit('/api/v1/namespaces/spin/secrets/kubeconfigs', {
        stringData: { 'near.yaml': text },
      });

      const states = async () =>
        (await feedsOf('near')).map(({ kind, state }) => [kind, state] as const);
      const isSettled = async () =>
        (await states()).some(([, state]) => state === 'forbidden') &&
        (await states()).every(([, state]) => state === 'forbidden' || state === 'watching');
      await eventually(isSettled, { what: 'a feed is forbidden, the others watch' });

      expect((await states()).filter(([, state]) => state !== 'watching')).toEqual([
        ['customResourceDefinition', 'forbidden'],
      ]);
      expect(podOf(infra).containers[0]).toMatchObject({ pid, exitCode: undefined });
    },
    stepMs,
  );

  it(
    'follows a new token without a restart',
    async () => {
      const { pid } = podOf(home).containers[0]!;
      const connects = async () =>
        sumOf(await metricsOf(ports.home), 'fairlead_agent_link_connects_total');
      const before = await connects();
      const renewed = { stringData: { token: 'another-token-of-home' } };
      await yard.edit('/api/v1/namespaces/fairlead/secrets/bridge-token', renewed);
      await yard.edit('/api/v1/namespaces/spin/secrets/agents', {
        stringData: { home: 'another-token-of-home' },
      });
      await eventually(async () => (await connects()) > before, {
        what: 'the link with the old token is cut, and there is one with the new token',
      });
      await untilState(yard, 'home', 'synced');

      expect(podOf(home).containers[0]).toMatchObject({ pid, exitCode: undefined });
    },
    stepMs,
  );

  it(
    'leaves nothing of an account whose release is uninstalled, after its grace period',
    async () => {
      const [container] = podOf(home).containers;
      const states = new Set<string>();
      const isGone = async () => {
        const shown = await yard.ask<{ readonly state: string }>('/api/v1/accounts/home');
        if (shown) states.add(shown.state);
        return shown === undefined;
      };
      await Promise.all([
        eventually(isGone, { what: 'the account is gone' }),
        yard.helm('uninstall', 'home', '--namespace', 'fairlead', '--wait'),
      ]);

      expect([...states]).toEqual(['synced', 'disconnected']);
      expect(container?.exitCode).toBe(0);
      const stored = await yard.ask<StoredObjects>('/api/v1/objects?account=home');
      expect(stored?.items ?? []).toEqual([]);
      const left = await yard.cluster.kube.request({
        path: `/apis/${rbac}/v1/clusterroles?labelSelector=app.kubernetes.io/instance=home`,
      });
      expect((left.body as { readonly items: readonly unknown[] }).items).toEqual([]);
    },
    stepMs,
  );
});
