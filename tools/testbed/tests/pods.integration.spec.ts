/** Pods that are run as kubelets run them: a Deployment's pod, from its ServiceAccount to its end. */
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  findOwnKubectl,
  freePort,
  isUnavailable,
  startPodCluster,
  type PodClusterHandle,
  type PodImage,
  type PodView,
} from '../src/index.ts';
import { waitUntil } from '../src/wait-until.ts';

const buildTimeoutMs = 30 * 60_000;
const program = fileURLToPath(new URL('pod-program.mjs', import.meta.url));
const nobody = 65532;

(isUnavailable('pods') ? describe.skip : describe)(startPodCluster, () => {
  let cluster: PodClusterHandle;
  let url: string;
  /** A root file system with one program, which needs nothing else. */
  let root: string;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'fairlead-image-'));
    await mkdir(join(root, 'bin'));
    await copyFile(await findOwnKubectl(), join(root, 'bin', 'kubectl'));
    for (const path of ['bin', 'bin/kubectl']) await chmod(join(root, path), 0o755);
    const user = { uid: nobody, gid: nobody };
    const images: Readonly<Record<string, PodImage>> = {
      'example/teller:1': {
        entrypoint: ['/srv/node', '/srv/program.mjs'],
        env: { FROM_IMAGE: 'yes' },
        user,
        files: {
          kind: 'host',
          paths: { '/srv/node': process.execPath, '/srv/program.mjs': program },
        },
      },
      'example/kubectl:1': {
        entrypoint: ['kubectl'],
        env: { PATH: '/bin', HOME: '/home' },
        user,
        files: { kind: 'root', path: root },
      },
    };
    cluster = await startPodCluster({ findImage: (image) => images[image] });
    const port = await freePort();
    url = `http://127.0.0.1:${String(port)}`;
    await create('serviceaccounts', { metadata: { name: 'teller' } });
    await create('configmaps', {
      metadata: { name: 'settings' },
      data: { 'app.yaml': 'one', ready: 'no', word: 'hello' },
    });
    await create('secrets', { metadata: { name: 'keys' }, stringData: { key: 'k3y' } });
    await create('services', { metadata: { name: 'bridge' }, spec: { ports: [{ port: 9 }] } });
    await create('deployments', deployment(port), '/apis/apps/v1');
    await until(async () => (await tell('/env')) !== '', 'the program answers');
  }, buildTimeoutMs);
  afterAll(async () => {
    await cluster.stop();
    await rm(root, { recursive: true });
  });

  async function create(resource: string, body: object, api = '/api/v1'): Promise<void> {
    const path = `${api}/namespaces/default/${resource}`;
    const answer = await cluster.kube.request({ method: 'POST', path, body });
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  }

  async function merge(path: string, body: object): Promise<void> {
    const contentType = 'application/merge-patch+json';
    await cluster.kube.request({ method: 'PATCH', path, body, contentType });
  }

  async function until(isTrue: () => Promise<boolean>, what: string): Promise<void> {
    const isSo = await waitUntil(() => isTrue().catch(() => false), { timeoutMs: 20_000 });
    if (isSo) return;
    const logs = cluster.node.pods().map(({ trouble }) => trouble);
    throw new Error(`${what}: not in time; ${cluster.node.trouble} ${logs.join('; ')}`);
  }

  async function tell(path: string, method = 'GET'): Promise<string> {
    const response = await fetch(url + path, { method });
    if (!response.ok) throw new Error(await response.text());
    return response.text();
  }

  const environment = async () => JSON.parse(await tell('/env')) as Record<string, string>;
  const thePod = (): PodView => cluster.node.pods({ labels: { app: 'teller' } })[0]!;
  const readyReplicas = async () => {
    const path = '/apis/apps/v1/namespaces/default/deployments/teller';
    const { body } = await cluster.kube.request({ path });
    return (body as { readonly status: { readonly readyReplicas?: number } }).status.readyReplicas;
  };

  it('gives a program its environment and arguments', async () => {
    const { metadata } = thePod().pod;

    expect(await environment()).toMatchObject({
      FROM_IMAGE: 'yes',
      WORD: 'hello',
      KEY: 'k3y',
      GREETING: 'hello world from 127.0.0.1',
      NAME: metadata.name,
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(cluster.kube.port),
      BRIDGE_SERVICE_PORT: '9',
      argv: `${new URL(url).port} --name=${metadata.name}`,
    });
    // Nothing of the process that started it.
    expect(Object.keys(await environment())).not.toContain('HOME');
  });

  it('runs it as its user, with no more than that', async () => {
    const status = await tell('/who');

    expect(status).toMatch(/^Uid:\t65532\t65532/m);
    expect(status).toMatch(/^Gid:\t65532\t65532/m);
    expect(status).toMatch(/^Groups:\t7 $/m);
    expect(status).toMatch(/^CapEff:\t0+$/m);
    expect(status).toMatch(/^CapPrm:\t0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  });

  it('lets it write where it may, and nowhere else', async () => {
    await expect(tell('/file/scratch/note', 'PUT')).resolves.toBe('written');
    await expect(tell('/file/data/note', 'PUT')).resolves.toBe('written');
    await expect(tell('/file/note', 'PUT')).rejects.toThrow('EROFS');
    await expect(tell('/file/tmp/note', 'PUT')).rejects.toThrow('EROFS');
    await expect(tell('/file/config/note', 'PUT')).rejects.toThrow('EROFS');
    await expect(tell('/file/srv/program.mjs', 'PUT')).rejects.toThrow('EROFS');
  });

  it("shows it nothing of this machine's that is not its image's", async () => {
    await expect(tell(`/file${program}`)).rejects.toThrow('ENOENT');
    await expect(tell('/file/etc/passwd')).rejects.toThrow('ENOENT');
  });

  it('lets it be its service account, with tokens that are renewed', async () => {
    const folder = '/file/var/run/secrets/kubernetes.io/serviceaccount';
    const token = await tell(`${folder}/token`);
    const [, claims = ''] = token.split('.');
    thePod().expireTokens();
    await cluster.node.sync();

    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      sub: 'system:serviceaccount:default:teller',
      'kubernetes.io': { pod: { name: thePod().pod.metadata.name } },
    });
    expect(await tell(`${folder}/ca.crt`)).toBe(cluster.kube.caPem);
    expect(await tell(`${folder}/namespace`)).toBe('default');
    expect(await tell(`${folder}/token`)).not.toBe(token);
  });

  it('knows Services by name', async () => {
    expect(await tell('/file/etc/hosts')).toContain('127.0.0.1\tbridge bridge.default');
  });

  it('follows changes of ConfigMaps, but for what a sub-path has pinned', async () => {
    expect(await tell('/file/config/app.yaml')).toBe('one');
    expect(await tell('/file/pinned.yaml')).toBe('one');
    expect(await readyReplicas()).toBeUndefined();

    const data = { 'app.yaml': 'two', ready: 'yes' };
    await merge('/api/v1/namespaces/default/configmaps/settings', { data });
    await cluster.node.sync();

    expect(await tell('/file/config/app.yaml')).toBe('two');
    expect(await tell('/file/pinned.yaml')).toBe('one');
    await until(async () => (await readyReplicas()) === 1, 'the readiness is reported');
  });

  it('says of a pod that cannot run yet why, and runs it when it can', async () => {
    const pod = (name: string, image: string) => ({
      metadata: { name },
      spec: {
        containers: [{ name: 'app', image, envFrom: [{ secretRef: { name: 'late' } }] }],
      },
    });
    await create('pods', pod('waiting', 'example/teller:1'));
    await until(
      () => Promise.resolve(podNamed('waiting')?.trouble === 'secrets "late" not found'),
      'the reason is told',
    );
    await create('secrets', { metadata: { name: 'late' }, stringData: { A: 'b' } });

    await until(
      () => Promise.resolve(podNamed('waiting')?.containers[0]?.env.A === 'b'),
      'it is started',
    );
    expect(podNamed('waiting')?.trouble).toBe('');
  }, 60_000);

  it('runs what is in a root file system, beside its volumes, and writes nothing into it', async () => {
    const mount = { name: 'config', mountPath: '/opt/deep/config' };
    const container = { name: 'app', image: 'example/kubectl:1', volumeMounts: [mount] };
    const args = ['--kubeconfig=/opt/deep/config/kubeconfig', 'get', 'configmaps', '-o', 'name'];
    await create('secrets', {
      metadata: { name: 'kubeconfig' },
      stringData: { kubeconfig: await readFile(cluster.kube.kubeconfigPath, 'utf8') },
    });
    const volumes = [{ name: 'config', secret: { secretName: 'kubeconfig' } }];
    await create('pods', {
      metadata: { name: 'whole' },
      spec: { restartPolicy: 'Never', containers: [{ ...container, args }], volumes },
    });
    const path = '/api/v1/namespaces/default/pods/whole';
    await until(async () => {
      const { status } = (await cluster.kube.request({ path })).body as {
        readonly status: { readonly phase: string };
      };
      return status.phase === 'Succeeded';
    }, 'it is through');

    expect(await podNamed('whole')?.containers[0]?.readLog()).toContain('configmap/settings');
    expect(await readdir(root)).toEqual(['bin']);
  }, 60_000);

  const podNamed = (name: string) =>
    cluster.node.pods().find(({ pod }) => pod.metadata.name === name);

  it('ends it politely when it is to go, and takes its place', async () => {
    const [container] = thePod().containers;
    const former = thePod().pod.metadata.name;
    const path = `/api/v1/namespaces/default/pods/${former}`;
    await cluster.kube.request({ method: 'DELETE', path });
    const isGone = async () => (await cluster.kube.request({ path })).status === 404;
    await until(isGone, 'the pod is gone');

    expect(container?.exitCode).toBe(3);
    await until(async () => (await environment()).NAME !== former, 'another one answers');
    // A claim's content outlives pods, an emptyDir's does not.
    await expect(tell('/file/data/note')).resolves.toBe('written');
    await expect(tell('/file/scratch/note')).rejects.toThrow('ENOENT');
  }, 60_000);
});

function deployment(port: number) {
  const key = (name: string, path: string) => ({ name, mountPath: path });
  return {
    metadata: { name: 'teller' },
    spec: {
      selector: { matchLabels: { app: 'teller' } },
      template: {
        metadata: { labels: { app: 'teller' } },
        spec: {
          serviceAccountName: 'teller',
          securityContext: { runAsNonRoot: true, fsGroup: 7 },
          terminationGracePeriodSeconds: 10,
          containers: [
            {
              name: 'app',
              image: 'example/teller:1',
              args: [String(port), '--name=$(NAME)'],
              securityContext: { readOnlyRootFilesystem: true },
              env: [
                { name: 'READY_FILE', value: '/config/ready' },
                {
                  name: 'WORD',
                  valueFrom: { configMapKeyRef: { name: 'settings', key: 'word' } },
                },
                { name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'key' } } },
                { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
                { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
                { name: 'GREETING', value: '$(WORD) world from $(IP)' },
              ],
              ports: [{ name: 'http', containerPort: port }],
              readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
              volumeMounts: [
                key('config', '/config'),
                key('scratch', '/scratch'),
                key('data', '/data'),
                { ...key('config', '/pinned.yaml'), subPath: 'app.yaml' },
              ],
            },
          ],
          volumes: [
            { name: 'config', configMap: { name: 'settings' } },
            { name: 'scratch', emptyDir: {} },
            { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
          ],
        },
      },
    },
  };
}
