/** Secrets of a real API server, read as a service account that may read one of them; and Vault, which asks that API server who it is. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireKube, isUnavailable, startVault, type KubeServer } from '@fairlead/testbed';
import { parse, stringify } from 'yaml';
import { secretsUnderTest, type SecretsUnderTest } from './secrets-under-test.ts';

const suite = isUnavailable('kube') ? describe.skip : describe;
const canary = 'canary-91fe';
const namespace = 'secret-engines';

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: { user: object }[];
}

suite('a real API server', () => {
  let kube: KubeServer;
  let directory: string;
  let under: SecretsUnderTest;

  beforeAll(async () => {
    kube = await acquireKube();
    directory = await mkdtemp(join(tmpdir(), 'fairlead-k8s-'));
    await post('/api/v1/namespaces', { metadata: { name: namespace } });
    for (const name of ['mine', 'other']) {
      const data = { config: Buffer.from(canary).toString('base64') };
      await post(`/api/v1/namespaces/${namespace}/secrets`, { metadata: { name }, data });
    }
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    const resourceNames = ['mine', 'none'];
    const rules = [{ apiGroups: [''], resources: ['secrets'], resourceNames, verbs: ['get'] }];
    await post(`${rbac}/roles`, { metadata: { name: 'reader' }, rules });
    await post(`${rbac}/rolebindings`, {
      metadata: { name: 'reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace }],
    });
    const kubeconfigFile = join(directory, 'kubeconfig');
    const document = await kubeconfig();
    const token = await kube.serviceAccountToken({ namespace, name: 'reader' });
    for (const each of document.users) each.user = { token };
    await writeFile(kubeconfigFile, stringify(document));
    under = secretsUnderTest({ k8s: { kubeconfigFile, namespace } });
  }, 600_000);

  afterAll(async () => {
    await under.secrets.close();
    await kube.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
    await kube[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  function post(path: string, body: object): Promise<unknown> {
    return kube.request({ method: 'POST', path, body });
  }

  async function kubeconfig(): Promise<Kubeconfig> {
    return parse(await readFile(kube.kubeconfigPath, 'utf8')) as Kubeconfig;
  }

  describe('as the engine k8s', () => {
    it('gives a Secret, with and without its namespace', async () => {
      expect(await under.read('encrypted:k8s!n:mine!k:config')).toBe(canary);
      expect(await under.read(`encryptedFile:k8s!n:mine!k:config!ns:${namespace}`)).toBe(canary);
    });

    it.each([
      ['n:other!k:config', 'Secret other: permission denied'],
      ['n:none!k:config', 'Secret none: there is no such Secret'],
      ['n:mine!k:none', 'Secret mine: there is no key none'],
      ['n:mine!k:config!ns:kube-system', 'Secret mine in namespace kube-system: permission denied'],
    ])('says why it does not give %s', async (parameters, message) => {
      await expect(under.read(`encrypted:k8s!${parameters}`)).rejects.toThrow(
        new RegExp(`^engine k8s, ${message}$`),
      );
    });

    it('is not there outside of a pod without a kubeconfig', async () => {
      const { read } = secretsUnderTest({ k8s: { namespace } });

      await expect(read('encrypted:k8s!n:mine!k:config')).rejects.toThrow('not in a pod');
    });
  });

  (isUnavailable('vault') ? describe.skip : describe)('asked by Vault who logs in', () => {
    it('lets its service account read, and another one not', async () => {
      await using vault = await startVault();
      const ask = (path: string, body: object) => vault.request({ method: 'POST', path, body });
      const [{ cluster } = { cluster: undefined }] = (await kubeconfig()).clusters;
      const reviewer = await kube.serviceAccountToken({ namespace, name: 'vault' });
      await post('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
        metadata: { name: 'secret-engines-vault' },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'ClusterRole',
          name: 'system:auth-delegator',
        },
        subjects: [{ kind: 'ServiceAccount', name: 'vault', namespace }],
      });
      await ask('sys/mounts/secret', { type: 'kv', options: { version: '2' } });
      await ask('secret/data/a', { data: { k: canary } });
      const policy = 'path "secret/data/a" { capabilities = ["read"] }';
      await ask('sys/policies/acl/reader', { policy });
      await ask('sys/auth/prod-eu', { type: 'kubernetes' });
      await ask('auth/prod-eu/config', {
        kubernetes_host: cluster?.server,
        kubernetes_ca_cert: Buffer.from(
          cluster?.['certificate-authority-data'] ?? '',
          'base64',
        ).toString('utf8'),
        token_reviewer_jwt: reviewer,
        disable_local_ca_jwt: true,
      });
      await ask('auth/prod-eu/role/fairlead', {
        bound_service_account_names: 'reader',
        bound_service_account_namespaces: namespace,
        token_policies: 'reader',
      });
      const serviceAccountTokenFile = join(directory, 'projected');
      const { read } = secretsUnderTest({
        vault: {
          ...{ enabled: true, url: vault.url, authMethod: 'KUBERNETES', role: 'fairlead' },
          ...{ path: 'prod-eu', serviceAccountTokenFile },
        },
      });
      const reference = 'encrypted:vault!e:secret!p:a!k:k';

      await writeFile(serviceAccountTokenFile, reviewer);
      await expect(read(reference)).rejects.toThrow(
        'path secret/a: Vault refuses the login at auth/prod-eu/login (HTTP 403)',
      );
      await writeFile(
        serviceAccountTokenFile,
        await kube.serviceAccountToken({ namespace, name: 'reader' }),
      );
      expect(await read(reference)).toBe(canary);
      await kube.request({
        method: 'DELETE',
        path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/secret-engines-vault',
      });
    });
  });
});
