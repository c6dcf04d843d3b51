import {
  isInScope,
  scopeOfAccount,
  type ServedType,
  storedKindOf,
  typesInScope,
} from './account-scope.ts';

function aType(apiVersion: string, kind: string, namespaced = true): ServedType {
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  return { apiVersion, group, kind, resource: `${kind.toLowerCase()}s`, namespaced };
}

const served = [
  aType('v1', 'Service'),
  aType('v1', 'Namespace', false),
  aType('extensions/v1beta1', 'Deployment'),
  aType('apps/v1', 'Deployment'),
  aType('serving.example.dev/v1', 'Service'),
  aType('stable.example.com/v1', 'CronTab'),
];
const scope = scopeOfAccount({}, []);
const selected = (kinds: readonly string[], more = {}): string[] =>
  typesInScope(served, { ...scope, kinds, ...more }).map(
    ({ apiVersion, kind }) => `${apiVersion} ${kind}`,
  );

describe(typesInScope, () => {
  it.each([
    [['service'], ['v1 Service']],
    [['SERVICE'], ['v1 Service']],
    [['deployment'], ['apps/v1 Deployment']],
    [['deployment.apps'], ['apps/v1 Deployment']],
    [['Service.serving.example.dev'], ['serving.example.dev/v1 Service']],
    [['crontab.stable.example.com'], ['stable.example.com/v1 CronTab']],
    [['crontab'], []],
    [['unknown'], []],
  ])('resolves %j to %j', (kinds, types) => {
    expect(selected(kinds)).toEqual(types);
  });

  it('takes everything for *, and each native kind once', () => {
    expect(selected(['*'])).toEqual([
      'v1 Service',
      'v1 Namespace',
      'apps/v1 Deployment',
      'serving.example.dev/v1 Service',
      'stable.example.com/v1 CronTab',
    ]);
  });

  it('leaves out what is omitted', () => {
    expect(selected(['service', 'deployment'], { omitKinds: ['Deployment'] })).toEqual([
      'v1 Service',
    ]);
  });

  it('leaves out cluster-scoped types when only namespaced ones are held', () => {
    expect(selected(['service', 'namespace'], { onlyNamespacedResources: true })).toEqual([
      'v1 Service',
    ]);
  });
});

describe(scopeOfAccount, () => {
  const account = {
    kinds: ['pod'],
    properties: {
      namespaces: ['a'],
      omitKinds: ['event'],
      customResourceDefinitions: [{ kind: 'CronTab.stable.example.com' }],
    },
  };

  it('reads what the account declares', () => {
    expect(scopeOfAccount(account, [])).toMatchObject({
      kinds: ['pod', 'CronTab.stable.example.com'],
      omitKinds: ['event'],
      namespaces: ['a'],
    });
  });

  it('takes kinds that are given by hand instead', () => {
    expect(scopeOfAccount(account, ['secret'])).toMatchObject({ kinds: ['secret'], omitKinds: [] });
  });
});

describe(isInScope, () => {
  const pod = aType('v1', 'Pod');
  const inNamespace = (namespace: string, annotations = {}): { metadata: object } => ({
    metadata: { name: 'x', namespace, annotations },
  });

  it.each([
    [{}, 'a', true],
    [{ namespaces: ['a'] }, 'a', true],
    [{ namespaces: ['a'] }, 'b', false],
    [{ omitNamespaces: ['a'] }, 'a', false],
    [{ onlySpinnakerManaged: true }, 'a', false],
  ])('with %j an object of namespace %s: %s', (more, namespace, isHeld) => {
    const object = inNamespace(namespace) as never;

    expect(isInScope(pod, object, { ...scope, ...more })).toBe(isHeld);
  });

  it('holds what Spinnaker deployed', () => {
    const object = inNamespace('a', { 'moniker.spinnaker.io/application': 'app' }) as never;

    expect(isInScope(pod, object, { ...scope, onlySpinnakerManaged: true })).toBe(true);
  });

  it.each(['', '""'])('holds nothing for the application %j', (application) => {
    const object = inNamespace('a', { 'moniker.spinnaker.io/application': application }) as never;

    expect(isInScope(pod, object, { ...scope, onlySpinnakerManaged: true })).toBe(false);
  });

  it('judges a namespace by its own name', () => {
    const namespace = aType('v1', 'Namespace', false);
    const object = { metadata: { name: 'kube-system' } };

    expect(isInScope(namespace, object, { ...scope, omitNamespaces: ['kube-system'] })).toBe(false);
  });
});

describe(storedKindOf, () => {
  it('names the group of custom kinds only', () => {
    expect(served.map(storedKindOf)).toEqual([
      'service',
      'namespace',
      'deployment',
      'deployment',
      'service.serving.example.dev',
      'crontab.stable.example.com',
    ]);
  });
});
