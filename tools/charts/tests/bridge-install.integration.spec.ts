// The bridge's chart in a real API server with the real definitions of what it uses beside
// Kubernetes' own: installed, upgraded, rolled back and uninstalled by Helm, in namespaces that let
// in nothing but `restricted` pods.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  findCrds,
  findOwnKubectl,
  isUnavailable,
  startKube,
  type KubeHandle,
  type KubeResponse,
} from '@fairlead/testbed';
import {
  findCharts,
  parseManifests,
  renderFlags,
  runHelm,
  type ChartExample,
  type Manifest,
} from '../src/index.ts';
import {
  baseValuesFile,
  bridgeChart,
  only,
  podOf,
  scratchFolder,
  type Tree,
  type Values,
} from './bridge-chart.ts';

const run = promisify(execFile);
const timeoutMs = 120_000;
const startMs = 900_000;
/** How often a right is asked for; each time takes a good part of a second. */
const patience = 30;
const isMissing = isUnavailable('helm') || isUnavailable('kube') || isUnavailable('crds');
const examples = findCharts().find(({ name }) => name === 'fairlead-bridge')?.examples ?? [];

(isMissing ? describe.skip : describe)('the bridge in a real API server', () => {
  let kube: KubeHandle;
  let kubectlPath: string;

  beforeAll(async () => {
    kube = await startKube();
    kubectlPath = await findOwnKubectl();
    const folder = await findCrds();
    await kubectl('apply', '--server-side', '-f', folder);
    await kubectl('wait', '--for=condition=Established', '--timeout=60s', '-f', folder);
  }, startMs);

  afterAll(() => kube.stop());

  async function kubectl(...args: string[]): Promise<string> {
    const flags = ['--kubeconfig', kube.kubeconfigPath];
    return (await run(kubectlPath, [...flags, ...args], { maxBuffer: 64 * 1024 * 1024 })).stdout;
  }

  async function helm(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runHelm(args, { kubeconfigPath: kube.kubeconfigPath });
    if (code !== 0 || stderr !== '') throw new Error(`helm ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** A namespace of its own that refuses pods which are not `restricted`. */
  async function makeNamespace(name: string): Promise<void> {
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    const body = { metadata: { name, labels } };
    await kube.request({ method: 'POST', path: '/api/v1/namespaces', body });
  }

  const install = (namespace: string, ...files: readonly string[]): Promise<string> =>
    helm('install', 'fairlead', bridgeChart, ...renderFlags({ namespace, valuesFiles: files }));

  const manifestOf = async (namespace: string): Promise<readonly Manifest[]> =>
    parseManifests(await helm('get', 'manifest', 'fairlead', '--namespace', namespace));

  /** Names of those objects that are there. */
  async function present(objects: readonly Manifest[], namespace: string): Promise<string[]> {
    await using folder = await scratchFolder();
    const file = await folder.write('objects.json', listOf(objects));
    const flags = ['--namespace', namespace, '--ignore-not-found', '--output', 'name'];
    const said = await kubectl('get', '-f', file, ...flags);
    return said.split('\n').filter((line) => line !== '');
  }

  /** What the API server says to a pod of this template. */
  function makePod({ metadata, spec }: Tree, namespace: string): Promise<KubeResponse> {
    const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
    const body = { metadata: { ...metadata, name: 'trial' }, spec };
    return kube.request({ method: 'POST', path, body });
  }

  async function live(kind: string, namespace: string): Promise<Tree> {
    const name = 'fairlead-bridge';
    const said = await kubectl('get', kind, name, '--namespace', namespace, '--output', 'json');
    return JSON.parse(said) as Tree;
  }

  describe('each example', () => {
    const said = new Map<string, { manifest: readonly Manifest[]; there: string[]; pod: number }>();

    const tryExample = async ({ name, valuesFile }: ChartExample): Promise<void> => {
      const namespace = `example-${name}`;
      await makeNamespace(namespace);
      await install(namespace, valuesFile);
      const manifest = await manifestOf(namespace);
      const there = await present(manifest, namespace);
      const pod = await makePod(withClaims(manifest), namespace);
      said.set(name, { manifest, there, pod: pod.status });
    };

    beforeAll(async () => {
      for (const example of examples) await tryExample(example);
    }, startMs);

    it.each(examples)('is taken as a whole by the API server: $name', ({ name }) => {
      const { manifest = [], there = [] } = said.get(name) ?? {};

      expect(manifest.length).toBeGreaterThan(6);
      expect(there).toHaveLength(manifest.length);
    });

    it.each(examples)('has pods that pass the standard restricted: $name', ({ name }) => {
      expect(said.get(name)?.pod).toBe(201);
    });

    it('is held to that standard', async () => {
      const pod = podOf(said.get('base')?.manifest ?? []);
      const [container] = pod.spec.containers as Tree[];
      const containers = [{ ...container, securityContext: {} }];

      const answer = await makePod({ ...pod, spec: { ...pod.spec, containers } }, 'example-base');

      expect(answer.status).toBe(403);
      expect(JSON.stringify(answer.body)).toContain('violates PodSecurity');
    });
  });

  describe('over the life of a release', () => {
    const namespace = 'life';
    const ours = { name: 'clouddriver-database', namespace };
    const seen: { workload: Tree; manifest: readonly Manifest[] }[] = [];
    let gone: string[] = [];
    let left: KubeResponse;

    const look = async () => {
      seen.push({
        workload: await live('deployment', namespace),
        manifest: await manifestOf(namespace),
      });
    };
    const upgrade = async (values: Values) => {
      await using folder = await scratchFolder();
      const own = await folder.write('values.json', JSON.stringify(values));
      const flags = renderFlags({ namespace, valuesFiles: [baseValuesFile, own] });
      await helm('upgrade', 'fairlead', bridgeChart, ...flags);
    };
    const withToken = (token: string) => ({ auth: { agents: [{ token, accounts: ['*'] }] } });

    beforeAll(async () => {
      await makeNamespace(namespace);
      const secrets = `/api/v1/namespaces/${namespace}/secrets`;
      const body = { metadata: ours, stringData: { url: 'postgres://db/clouddriver' } };
      await kube.request({ method: 'POST', path: secrets, body });
      await install(namespace, baseValuesFile);
      await look();
      await upgrade(withToken('the-first-token'));
      await look();
      await upgrade(withToken('another-token'));
      await look();
      await upgrade({ autoscaling: { enabled: true }, preStopSeconds: 7 });
      await look();
      await helm('rollback', 'fairlead', '1', '--namespace', namespace);
      await look();
      await helm('uninstall', 'fairlead', '--namespace', namespace);
      gone = await present(
        seen.flatMap(({ manifest }) => manifest),
        namespace,
      );
      left = await kube.request({ path: `${secrets}/${ours.name}` });
    }, startMs);

    const generation = (index: number) => seen[index]?.workload.metadata.generation as number;

    it('replaces pods for other rules, and not for another token', () => {
      expect(generation(1)).toBeGreaterThan(generation(0));
      expect(generation(2)).toBe(generation(1));
    });

    it('goes back to what was installed', () => {
      const [first, , , before, after] = seen;

      expect(after?.manifest).toEqual(first?.manifest);
      expect(after?.workload.spec).toEqual(first?.workload.spec);
      expect(before?.workload.spec).not.toEqual(first?.workload.spec);
    });

    it('leaves nothing of its own behind, and what was there before', () => {
      expect(gone).toEqual([]);
      expect(left.status).toBe(200);
    });
  });

  describe('with rules that ask its own cluster about tokens', () => {
    const namespace = 'reviews';

    beforeAll(async () => {
      await using folder = await scratchFolder();
      const rule = {
        accounts: ['*'],
        serviceAccount: {
          subject: `system:serviceaccount:${namespace}:agent`,
          audience: 'fairlead',
          inCluster: true,
        },
      };
      const values = { auth: { agents: [rule] }, rbac: { secretNames: ['vault-token'] } };
      const file = await folder.write('values.json', JSON.stringify(values));
      await makeNamespace(namespace);
      await install(namespace, baseValuesFile, file);
    }, startMs);

    const may = async (...question: string[]): Promise<string> => {
      const { name } = only(await manifestOf(namespace), 'ServiceAccount').metadata as Tree;
      const as = `system:serviceaccount:${namespace}:${String(name)}`;
      const flags = ['--namespace', namespace, '--as', as];
      // It says no by its exit code, too.
      const saidNo = (error: unknown) => (error as { readonly stdout: string }).stdout;
      return (await kubectl('auth', 'can-i', ...question, ...flags).catch(saidNo)).trim();
    };

    /** The authorizer learns of new roles a moment later. */
    const mayAfterAll = async (...question: string[]): Promise<string> => {
      for (let attempt = 0; attempt < patience; attempt += 1) {
        if ((await may(...question)) === 'yes') return 'yes';
      }
      return 'no';
    };

    it(
      'may do that, read the Secrets named, and nothing else',
      async () => {
        const granted = [
          await mayAfterAll('create', 'tokenreviews.authentication.k8s.io'),
          await mayAfterAll('get', 'secrets/vault-token'),
        ];
        const refused = [
          await may('get', 'secrets/fairlead-tokens'),
          await may('list', 'secrets'),
          await may('list', 'pods'),
          await may('create', 'subjectaccessreviews.authorization.k8s.io'),
        ];

        expect({ granted, refused }).toEqual({
          granted: ['yes', 'yes'],
          refused: ['no', 'no', 'no', 'no'],
        });
      },
      timeoutMs,
    );
  });
});

/** The pod template with a volume for each claim, as the controller of stateful sets adds them. */
function withClaims(objects: readonly Manifest[]): Tree {
  const { metadata, spec } = podOf(objects) as { metadata: Tree; spec: Tree };
  const sets = objects.filter(({ kind }) => kind === 'StatefulSet') as readonly Tree[];
  const claims = sets.flatMap((set) => set.spec.volumeClaimTemplates as Tree[]);
  const volumes = claims.map((claim) => {
    const name = claim.metadata.name as string;
    return { name, persistentVolumeClaim: { claimName: `${name}-fairlead-bridge-0` } };
  });
  return { metadata, spec: { ...spec, volumes: [...(spec.volumes as Tree[]), ...volumes] } };
}

function listOf(objects: readonly Manifest[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
}
