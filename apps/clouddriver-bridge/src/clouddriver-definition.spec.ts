import { describe, expect, it } from '@jest/globals';
import { clouddriverDefinition } from './clouddriver-definition.ts';

const gateway = { url: 'https://bridge:9080' };

const anAccount = (
  properties: Readonly<Record<string, unknown>>,
  kinds: readonly string[] = [],
) => ({ name: 'prod-eu', properties, kinds });

function bodyOf(properties: Readonly<Record<string, unknown>>, at = gateway) {
  const result = clouddriverDefinition(anAccount(properties), at);
  if (result.kind === 'refused') throw new Error(result.reason);
  return result.body;
}

describe(clouddriverDefinition, () => {
  it('hands on what Clouddriver shares with the agent', () => {
    const shared = {
      environment: 'prod',
      permissions: { READ: ['team-a'], WRITE: ['team-a'] },
      omitNamespaces: ['kube-system'],
      kinds: ['deployment'],
      customResources: [{ kubernetesKind: 'CronTab.stable.example.com', versioned: true }],
    };

    const body = bodyOf(shared);

    expect(body).toMatchObject({ type: 'kubernetes', name: 'prod-eu', ...shared });
  });

  it('names the custom kinds that the agent declares, each once', () => {
    const properties = { customResources: [{ kubernetesKind: 'A.example.com', versioned: true }] };
    const kinds = ['pod', 'A.example.com', 'B.example.com'];

    const result = clouddriverDefinition(anAccount(properties, kinds), gateway);

    expect(result).toMatchObject({
      body: {
        customResources: [
          { kubernetesKind: 'A.example.com', versioned: true },
          { kubernetesKind: 'B.example.com' },
        ],
      },
    });
  });

  it('takes nothing that names a program, a file or a secret of Clouddriver’s', () => {
    const body = bodyOf({
      kubectlExecutable: '/tmp/evil',
      kubeconfigFile: '/etc/clouddriver/kubeconfig',
      serviceAccount: true,
      oAuthServiceAccount: '/etc/passwd',
      customResources: [{ kubernetesKind: 'A.b', kubeconfigFile: 'x' }],
    });

    expect(Object.keys(body).sort()).toEqual([
      ...['checkPermissionsOnStartup', 'customResources', 'kubeconfigContents', 'name', 'type'],
    ]);
    expect(body.customResources).toEqual([{ kubernetesKind: 'A.b' }]);
  });

  it.each([
    ['a reference to a secret', { environment: 'secret://vault?k=v' }],
    ['a reference within', { permissions: { READ: ['encrypted:x'] } }],
    ['permissions of another form', { permissions: ['READ'] }],
    ['an unknown permission', { permissions: { ADMIN: ['x'] } }],
    ['namespaces that are none', { namespaces: 'prod' }],
  ])('makes no definition of %s', (_, properties) => {
    const result = clouddriverDefinition(anAccount(properties), gateway);

    expect(result).toEqual({
      kind: 'refused',
      reason: `Clouddriver cannot be told its ${Object.keys(properties)[0] ?? ''}`,
    });
  });

  it('makes none for a name that refers to a secret', () => {
    const result = clouddriverDefinition({ ...anAccount({}), name: 'encrypted:k8s!n' }, gateway);

    expect(result.kind).toBe('refused');
  });

  it('never says both what to take and what to leave out', () => {
    const body = bodyOf({
      ...{ namespaces: ['a', 'b'], omitNamespaces: ['b'] },
      ...{ kinds: [], omitKinds: ['pod'] },
    });

    expect(body).toMatchObject({ namespaces: ['a'], omitKinds: ['pod'] });
    expect(body).not.toHaveProperty('omitNamespaces');
    expect(body).not.toHaveProperty('kinds');
  });

  it('leads kubectl to the gateway and nowhere else', () => {
    const { kubeconfigContents } = bodyOf(
      {},
      { ...gateway, ...{ caFile: '/ca.pem', tokenFile: '/token' } },
    );

    const kubeconfig: unknown = JSON.parse(kubeconfigContents as string);
    expect(kubeconfig).toMatchObject({
      'current-context': 'fairlead',
      clusters: [
        {
          cluster: {
            server: 'https://bridge:9080/clusters/prod-eu',
            'certificate-authority': '/ca.pem',
          },
        },
      ],
      users: [{ user: { tokenFile: '/token' } }],
    });
  });
});
