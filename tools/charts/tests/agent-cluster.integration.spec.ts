// The agent's chart against a real API server, with the real Helm: what it installs, changes and
// leaves behind, what its service account may do, and that its pods keep the pod standard.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  findCrds,
  findOwnKubectl,
  isUnavailable,
  startKube,
  type KubeHandle,
} from '@fairlead/testbed';
import {
  chartsRoot,
  findCharts,
  helmTemplate,
  parseManifests,
  renderFlags,
  runHelm,
  type Manifest,
} from '../src/index.ts';
import { accessReview, type AccessReview } from './access-review.ts';
import { clusterContent } from './cluster-content.ts';

const run = promisify(execFile);
const chart = join(chartsRoot, 'fairlead-agent');
const { examples } = findCharts().find(({ name }) => name === 'fairlead-agent')!;
const startMs = 900_000;
const timeoutMs = 60_000;
const isMissing = isUnavailable('kube') || isUnavailable('helm') || isUnavailable('crds');

/** Its service account. */
const account = 'fairlead/fairlead-agent';
/** What the one line of the README sets. */
const one = ['account.name=prod-eu', 'bridge.address=bridge.example:9091', 'bridge.token=t0ken'];

(isMissing ? describe.skip : describe)('the agent installed by Helm', () => {
  let kube: KubeHandle;
  let review: AccessReview;
  let kubectl: (...args: readonly string[]) => Promise<string>;

  beforeAll(async () => {
    kube = await startKube();
    review = await accessReview(kube);
    const program = await findOwnKubectl();
    kubectl = async (...args) => {
      const env = { PATH: process.env.PATH, KUBECONFIG: kube.kubeconfigPath, HOME: '/nonexistent' };
      return (await run(program, args, { env })).stdout;
    };
    const crds = await findCrds();
    const wanted = ['cert-manager.io_certificates.yaml', 'monitoring.coreos.com_podmonitors.yaml'];
    const files = wanted.flatMap((file) => ['-f', join(crds, file)]);
    await kubectl('create', ...files);
    await kubectl('wait', '--for=condition=Established', '--timeout=30s', ...files);
    for (const name of ['fairlead', 'team-a', 'team-a-test', 'other']) await createNamespace(name);
  }, startMs);
  afterAll(async () => {
    review[Symbol.dispose]();
    await kube.stop();
  }, timeoutMs);

  const createNamespace = async (name: string) => {
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    const body = { metadata: { name, labels } };
    await kube.request({ method: 'POST', path: '/api/v1/namespaces', body });
  };
  const helm = async (...args: readonly string[]) => {
    const outcome = await runHelm(args, { kubeconfigPath: kube.kubeconfigPath });
    if (outcome.code !== 0) throw new Error(`helm ${args.join(' ')}: ${outcome.stderr}`);
    return outcome.stdout;
  };
  const install = (release: string, set: readonly string[]) =>
    helm('install', release, chart, ...renderFlags({ set }));
  const uninstall = (release: string) => helm('uninstall', release, '--namespace', 'fairlead');
  const manifestOf = async (release: string) =>
    parseManifests(await helm('get', 'manifest', release, '--namespace', 'fairlead'));
  const whatIsNew = async (before: ReadonlySet<string>) =>
    [...(await clusterContent(kube))].filter((name) => !before.has(name)).sort();

  describe('through its life', () => {
    it(
      'is what its notes say, changes, goes back, and leaves nothing',
      async () => {
        const before = await clusterContent(kube);
        const writes = writesOf(['pods', 'deployments.apps']);

        const notes = await install('fairlead', one);
        const first = await manifestOf('fairlead');

        expect(notes).toContain('account prod-eu, dials bridge.example:9091; it may read.');
        expect(await whatIsNew(before)).toEqual(installed);

        await helm(
          ...['upgrade', 'fairlead', chart, '--reset-then-reuse-values', '--namespace', 'fairlead'],
          ...[
            '--set',
            'rbac.access=full',
            '--set',
            'replicas=2',
            '--set',
            'podMonitor.enabled=true',
          ],
        );

        expect(await whatIsNew(before)).toEqual(
          [
            ...installed,
            'secrets/fairlead/sh.helm.release.v1.fairlead.v2',
            'monitoring.coreos.com/podmonitors/fairlead/fairlead-agent',
            'poddisruptionbudgets/fairlead/fairlead-agent',
          ].sort(),
        );
        await review.settle(account, writes, 'allowed');
        expect(await review.allowedOf(account, writes)).toEqual(writes);

        await helm('rollback', 'fairlead', '1', '--namespace', 'fairlead');

        expect(await manifestOf('fairlead')).toEqual(first);
        await review.settle(account, writes, 'forbidden');
        expect(await review.allowedOf(account, writes)).toEqual([]);
        expect(await whatIsNew(before)).toEqual(
          [
            ...installed,
            'secrets/fairlead/sh.helm.release.v1.fairlead.v2',
            'secrets/fairlead/sh.helm.release.v1.fairlead.v3',
          ].sort(),
        );

        await uninstall('fairlead');

        expect(await whatIsNew(before)).toEqual([]);
      },
      timeoutMs,
    );

    it(
      'stands beside another release of its own, in another group of clusters',
      async () => {
        const before = await clusterContent(kube);
        const group = (name: string) => [
          ...['mode=infrastructure', 'bridge.address=b:9091', 'bridge.existingSecret=token'],
          `kubeconfigs.${name}.secret=${name}`,
        ];

        await install('europe', group('prod-eu'));
        await install('america', group('prod-us'));

        const made = await whatIsNew(before);
        expect(made.filter((name) => name.startsWith('deployments/'))).toEqual([
          'deployments/fairlead/america-fairlead-agent',
          'deployments/fairlead/europe-fairlead-agent',
        ]);
        expect(made.filter((name) => name.includes('role'))).toEqual([]);

        await uninstall('europe');
        await uninstall('america');

        expect(await whatIsNew(before)).toEqual([]);
      },
      timeoutMs,
    );

    it(
      'leaves no role in the namespaces it was given',
      async () => {
        const before = await clusterContent(kube);
        const roles = ['rbac.namespaced=true', 'rbac.namespaces={team-a,team-a-test}'];

        await install('fairlead', [...one, ...roles]);
        const made = await whatIsNew(before);
        await uninstall('fairlead');

        expect(made.filter((name) => name.startsWith('clusterrole'))).toEqual([]);
        expect(made.filter((name) => name.startsWith('roles/'))).toEqual([
          'roles/team-a-test/fairlead-fairlead-agent',
          'roles/team-a/fairlead-fairlead-agent',
        ]);
        expect(await whatIsNew(before)).toEqual([]);
      },
      timeoutMs,
    );
  });

  describe('as its service account', () => {
    let releases = 0;

    /** What of the actions is allowed with the roles that these values make; once `expected` is. */
    const withRights = async (
      set: readonly string[],
      expected: readonly string[],
      others: readonly string[],
    ) => {
      const release = `rights-${String((releases += 1))}`;
      const { stdout, stderr } = await helmTemplate(chart, { release, set: [...one, ...set] });
      const roles = parseManifests(stdout).filter(({ kind }) => /^(Cluster)?Role/.test(kind));
      if (roles.length === 0) throw new Error(`no roles: ${stderr}`);
      for (const role of roles) {
        const { status } = await kube.request({ method: 'POST', path: pathOf(role), body: role });
        if (status !== 201) throw new Error(`${pathOf(role)} answered ${String(status)}`);
      }
      const name = `fairlead/${release}-fairlead-agent` as const;
      await review.settle(name, expected, 'allowed');
      return review.allowedOf(name, [...expected, ...others]);
    };

    it(
      'reads what Clouddriver caches, and writes nothing, by default',
      async () => {
        const allowed = [
          ...readsOf(['pods', 'services', 'namespaces', ...workloads]),
          ...readsOf(['ingresses.networking.k8s.io', 'networkpolicies.networking.k8s.io']),
          ...readsOf(['customresourcedefinitions.apiextensions.k8s.io']),
          ...readsOf(['apiservices.apiregistration.k8s.io']),
          ...['get pods/log', 'get pods.metrics.k8s.io'],
        ];
        const forbidden = [
          ...readsOf(['secrets', 'configmaps', 'events', 'nodes', 'serviceaccounts']),
          ...writesOf(['pods', 'services', 'namespaces', 'secrets', ...workloads]),
          ...['create pods/exec', 'get pods/exec', 'create pods/portforward', 'create pods/attach'],
          ...['patch deployments.apps/scale', 'impersonate users', 'impersonate serviceaccounts'],
          ...['create serviceaccounts/token', 'get pods/proxy', 'get nodes/proxy'],
          ...['list *.*', 'get *.apps', 'bind clusterroles.rbac.authorization.k8s.io'],
        ];

        expect(await withRights([], allowed, forbidden)).toEqual(allowed);
      },
      timeoutMs,
    );

    it(
      'reads the kinds that it follows, no others: native ones, custom ones, Secrets',
      async () => {
        const set = [
          'account.kinds={deployment,secret,configMap,CronTab.stable.example.com,Widget.example.com}',
          'account.omitKinds={configMap}',
          'rbac.customResources.example\\.com={widgets}',
          'rbac.logs=false',
        ];
        const allowed = [
          ...readsOf(['deployments.apps', 'secrets', 'crontabs.stable.example.com']),
          ...readsOf(['widgets.example.com', 'namespaces']),
        ];
        const forbidden = [
          ...readsOf(['pods', 'configmaps', 'replicasets.apps', 'gadgets.example.com']),
          ...writesOf(['deployments.apps', 'secrets', 'crontabs.stable.example.com']),
          'get pods/log',
        ];

        expect(await withRights(set, allowed, forbidden)).toEqual(allowed);
      },
      timeoutMs,
    );

    it(
      'reads everything when it follows everything, and writes nothing',
      async () => {
        const allowed = readsOf(['pods', 'secrets', 'nodes', 'gadgets.example.com']);
        const forbidden = writesOf(['pods', 'gadgets.example.com']);

        expect(await withRights(['account.kinds={*}'], allowed, forbidden)).toEqual(allowed);
      },
      timeoutMs,
    );

    it(
      'does what Clouddriver asks for, with access full, and gives nobody rights',
      async () => {
        const set = ['rbac.access=full', 'account.kinds={deployment,CronTab.stable.example.com}'];
        const allowed = [
          ...everythingOf([
            'pods',
            'services',
            'configmaps',
            'secrets',
            'namespaces',
            ...workloads,
          ]),
          ...everythingOf(['crontabs.stable.example.com', 'persistentvolumeclaims']),
          ...['patch deployments.apps/scale', 'update statefulsets.apps/scale'],
          ...['get pods/log', 'create pods/exec', 'create pods/portforward', 'get pods/attach'],
          ...readsOf(['events', 'controllerrevisions.apps']),
        ];
        const forbidden = [
          ...writesOf(['clusterroles.rbac.authorization.k8s.io', 'events', 'nodes']),
          ...writesOf(['rolebindings.rbac.authorization.k8s.io']),
          ...writesOf(['customresourcedefinitions.apiextensions.k8s.io']),
          ...['impersonate users', 'escalate clusterroles.rbac.authorization.k8s.io'],
          ...['create serviceaccounts/token', 'create pods/eviction'],
        ];

        expect(await withRights(set, allowed, forbidden)).toEqual(allowed);
      },
      timeoutMs,
    );

    it(
      'writes the kinds that it is told, and executes and impersonates only if told',
      async () => {
        const set = [
          ...['rbac.access=full', 'rbac.writeKinds={job}', 'rbac.exec=false'],
          'rbac.impersonate=true',
        ];
        const allowed = [
          ...everythingOf(['jobs.batch']),
          ...readsOf(['pods', 'deployments.apps']),
          ...['impersonate users', 'impersonate groups', 'impersonate serviceaccounts'],
        ];
        const forbidden = [
          ...writesOf(['pods', 'deployments.apps', 'namespaces']),
          ...['create pods/exec', 'get pods/portforward', 'patch deployments.apps/scale'],
        ];

        expect(await withRights(set, allowed, forbidden)).toEqual(allowed);
      },
      timeoutMs,
    );

    it(
      'writes everything when it is told so, and still gives nobody rights',
      async () => {
        const allowed = everythingOf(['pods', 'nodes', 'gadgets.example.com']);
        const forbidden = [
          ...['impersonate users', 'bind clusterroles.rbac.authorization.k8s.io'],
          'escalate roles.rbac.authorization.k8s.io',
        ];
        const set = ['rbac.access=full', 'rbac.writeKinds={*}'];

        expect(await withRights(set, allowed, forbidden)).toEqual(allowed);
      },
      timeoutMs,
    );

    it(
      'sees its namespaces and nothing else, when it is namespaced',
      async () => {
        const inNamespace = (namespace: string, actions: readonly string[]) =>
          actions.map((action) => `${action} in ${namespace}`);
        const mine = [...everythingOf(['pods', 'deployments.apps', 'secrets']), 'get pods/log'];
        const allowed = ['team-a', 'team-a-test'].flatMap((each) => inNamespace(each, mine));
        const forbidden = [
          ...['other', 'fairlead', 'kube-system'].flatMap((each) => inNamespace(each, mine)),
          ...readsOf(['namespaces', 'pods', 'customresourcedefinitions.apiextensions.k8s.io']),
          ...inNamespace('team-a', writesOf(['namespaces', 'roles.rbac.authorization.k8s.io'])),
        ];
        const set = [
          ...['rbac.access=full', 'rbac.namespaced=true', 'rbac.namespaces={team-a,team-a-test}'],
        ];

        expect(await withRights(set, allowed, forbidden)).toEqual(allowed);
      },
      timeoutMs,
    );

    it(
      'sees what is outside of namespaces, when only its namespaces are limited',
      async () => {
        const allowed = [...readsOf(['namespaces']), 'list pods in team-a'];
        const forbidden = ['list pods', 'list pods in other', 'create pods in team-a'];

        expect(await withRights(['account.namespaces={team-a}'], allowed, forbidden)).toEqual(
          allowed,
        );
      },
      timeoutMs,
    );

    it(
      'reads the Secrets that the engine is given by name, in its own namespace',
      async () => {
        const allowed = ['get secrets#clusters in fairlead'];
        const forbidden = [
          ...['list secrets in fairlead', 'get secrets#other in fairlead'],
          'get secrets#clusters in other',
        ];

        expect(await withRights(['rbac.secretNames={clusters}'], allowed, forbidden)).toEqual(
          allowed,
        );
      },
      timeoutMs,
    );
  });

  describe('as pods', () => {
    const createPod = async (template: PodTemplate) => {
      const path = '/api/v1/namespaces/fairlead/pods?dryRun=All';
      const metadata = { ...template.metadata, name: 'pod' };
      const body = { apiVersion: 'v1', kind: 'Pod', ...template, metadata };
      const { status, body: answer } = await kube.request({ method: 'POST', path, body });
      return { status, message: (answer as { message?: string }).message ?? '' };
    };
    const podsOf = async (valuesFile: string) => {
      const { stdout } = await helmTemplate(chart, { valuesFiles: [valuesFile] });
      return parseManifests(stdout).flatMap((manifest) => podTemplateOf(manifest) ?? []);
    };

    it.each(examples)(
      'keeps the pod standard "restricted", its check too: $name',
      async ({ valuesFile }) => {
        const pods = await podsOf(valuesFile);

        expect(pods).toHaveLength(2);
        for (const pod of pods) expect(await createPod(pod)).toEqual({ status: 201, message: '' });
      },
      timeoutMs,
    );

    it('would be refused otherwise', async () => {
      const [pod] = await podsOf(examples[0]!.valuesFile);
      const asRoot = { ...pod!, spec: { ...pod!.spec, securityContext: { runAsUser: 0 } } };

      expect(await createPod(asRoot)).toMatchObject({
        status: 403,
        message: expect.stringContaining('violates PodSecurity "restricted'),
      });
    });
  });

  it.each(examples)(
    'is taken by the API server as Kustomize makes it: $name',
    async ({ name }) => {
      const folder = join(chartsRoot, 'kustomize/fairlead-agent');
      const tree = join(folder, name === 'base' ? 'base' : `overlays/${name}`);
      const flags = ['--server-side', '--dry-run=server', '--force-conflicts', '--validate=strict'];

      const output = await kubectl('apply', '-k', tree, ...flags);

      expect(output).toMatch(
        /deployment.apps\/fairlead-agent serverside-applied \(server dry run\)/,
      );
    },
    timeoutMs,
  );
});

const workloads = [
  ...['deployments.apps', 'replicasets.apps', 'statefulsets.apps', 'daemonsets.apps'],
  ...['jobs.batch', 'cronjobs.batch'],
];
const reading = ['get', 'list', 'watch'];
const writing = ['create', 'update', 'patch', 'delete', 'deletecollection'];

const readsOf = (types: readonly string[]) => actionsOf(reading, types);
const writesOf = (types: readonly string[]) => actionsOf(writing, types);
const everythingOf = (types: readonly string[]) => actionsOf([...reading, ...writing], types);

function actionsOf(verbs: readonly string[], types: readonly string[]): string[] {
  return types.flatMap((type) => verbs.map((verb) => `${verb} ${type}`));
}

/** Where objects of RBAC are created. */
function pathOf({ kind, metadata }: Manifest): string {
  const place = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `/apis/rbac.authorization.k8s.io/v1${place}/${kind.toLowerCase()}s`;
}

/** Everything that the one line makes. */
const installed = [
  'clusterrolebindings/fairlead-fairlead-agent',
  'clusterroles/fairlead-fairlead-agent',
  'configmaps/fairlead/fairlead-agent',
  'deployments/fairlead/fairlead-agent',
  'networkpolicies/fairlead/fairlead-agent',
  'secrets/fairlead/fairlead-agent-token',
  'secrets/fairlead/sh.helm.release.v1.fairlead.v1',
  'serviceaccounts/fairlead/fairlead-agent',
];

interface PodTemplate {
  readonly metadata: object;
  readonly spec: object;
}

function podTemplateOf({ kind, metadata, spec }: Manifest): PodTemplate | undefined {
  if (kind === 'Pod') return { metadata, spec: spec as object };
  return kind === 'Deployment' ? (spec as { readonly template: PodTemplate }).template : undefined;
}
