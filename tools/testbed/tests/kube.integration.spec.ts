/** A kube-apiserver with its etcd, really started, used, killed, paused and removed. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  findKubeBinaries,
  findKubectl,
  isUnavailable,
  startKube,
  type KubeHandle,
} from '../src/index.ts';
import { waitUntil } from '../src/wait-until.ts';

const buildTimeoutMs = 30 * 60_000;
const startTimeoutMs = 60_000;

function aConfigMap(name: string) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
}

(isUnavailable('kube') ? describe.skip : describe)(startKube, () => {
  let kube: KubeHandle;
  beforeAll(async () => {
    const reader = { token: 'reader-token', user: 'reader', groups: ['readers'] };
    kube = await startKube({
      tokens: [reader],
      apiServerFlags: [
        '--etcd-compaction-interval=0',
        '--feature-gates=ListFromCacheSnapshot=false',
      ],
    });
  }, buildTimeoutMs);
  afterAll(() => kube.stop());

  const configMaps = '/api/v1/namespaces/default/configmaps';
  const create = (name: string) =>
    kube.request({ method: 'POST', path: configMaps, body: aConfigMap(name) });
  const whoAmI = async (token: string) => {
    const kubectl = await findKubectl();
    const args = ['--server', kube.url, '--insecure-skip-tls-verify', '--token', token];
    const env = { ...process.env, KUBECONFIG: '/dev/null' };
    return promisify(execFile)(kubectl, [...args, 'auth', 'whoami', '-o', 'json'], { env });
  };

  it('is found in the cache where Go is missing', async () => {
    const { HOME, FAIRLEAD_CACHE_DIR, XDG_CACHE_HOME } = process.env;
    const environment = { HOME, FAIRLEAD_CACHE_DIR, XDG_CACHE_HOME, PATH: '/nowhere' };

    await expect(findKubeBinaries({ environment })).resolves.toMatchObject({
      version: kube.version,
    });
  });

  it('applies extra flags', async () => {
    const { body } = await kube.request({ path: '/metrics' });

    expect(body).toMatch(
      /kubernetes_feature_enabled\{name="ListFromCacheSnapshot",stage="\w+"\} 0/,
    );
  });

  it('says which version it is', async () => {
    const { body } = await kube.request({ path: '/version' });

    expect(body).toMatchObject({ gitVersion: kube.version });
  });

  it('serves kubectl with its kubeconfig', async () => {
    const kubectl = await findKubectl();
    const env = { ...process.env, KUBECONFIG: kube.kubeconfigPath };

    const { stdout } = await promisify(execFile)(kubectl, ['get', 'ns', '-o', 'name'], { env });

    expect(stdout).toContain('namespace/default');
  });

  it('knows the users of the static tokens', async () => {
    const { stdout } = await whoAmI('reader-token');

    expect(JSON.parse(stdout)).toMatchObject({
      status: { userInfo: { username: 'reader', groups: ['readers', 'system:authenticated'] } },
    });
  });

  it('mints tokens of service accounts, and creates those', async () => {
    const token = await kube.serviceAccountToken({ name: 'robot' });

    const { stdout } = await whoAmI(token);
    expect(stdout).toContain('system:serviceaccount:default:robot');
  });

  it('answers an expired continue token with 410 after compaction', async () => {
    await create('a');
    await create('b');
    const { body } = await kube.request({ path: `${configMaps}?limit=1` });
    const token = (body as { metadata: { continue: string } }).metadata.continue;
    await create('c');

    await kube.compactEtcd();

    const { status } = await kube.request({ path: `${configMaps}?limit=1&continue=${token}` });
    expect(status).toBe(410);
  });

  it(
    'keeps its objects and its port over SIGKILL and start, of etcd as well',
    async () => {
      await create('kept');

      await kube.kill('SIGKILL');
      await kube.etcd.kill('SIGKILL');
      await kube.etcd.start();
      await kube.start();

      const { status } = await kube.request({ path: `${configMaps}/kept` });
      expect(status).toBe(200);
    },
    startTimeoutMs,
  );

  it(
    'has another process after restart',
    async () => {
      const pid = kube.pid;

      await kube.restart();

      expect(kube.pid).not.toBe(pid);
    },
    startTimeoutMs,
  );

  it(
    'answers nothing while paused, and then all that was asked',
    async () => {
      let hasAnswered = false;

      await kube.pause();
      const answer = create('asked-while-paused').then(({ status }) => {
        hasAnswered = true;
        return status;
      });
      const answeredSoon = await waitUntil(() => hasAnswered, { timeoutMs: 500 });
      await kube.resume();

      expect(answeredSoon).toBe(false);
      await expect(answer).resolves.toBe(201);
    },
    startTimeoutMs,
  );
});
