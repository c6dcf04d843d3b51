import { kindMatcher, selectTypes, spinnakerKindOf, type KindSelection } from './kind-selector.ts';
import type { ResourceType } from './resource-type.ts';

function type(
  group: string,
  kind: string,
  scope: 'Namespaced' | 'Cluster' = 'Namespaced',
): ResourceType {
  const resource = `${kind.toLowerCase()}s`;
  return { group, version: 'v1', resource, kind, namespaced: scope === 'Namespaced' };
}

const SERVED = [
  type('extensions', 'Ingress'),
  type('events.k8s.io', 'Event'),
  type('', 'Pod'),
  type('', 'Service'),
  type('', 'Secret'),
  type('', 'Event'),
  type('', 'Namespace', 'Cluster'),
  type('', 'Node', 'Cluster'),
  type('apps', 'Deployment'),
  type('apps', 'ReplicaSet'),
  type('batch', 'CronJob'),
  type('networking.k8s.io', 'Ingress'),
  type('networking.k8s.io', 'NetworkPolicy'),
  type('apiextensions.k8s.io', 'CustomResourceDefinition', 'Cluster'),
  type('stable.example.com', 'CronTab'),
  type('serving.knative.dev', 'Service'),
  type('networking.istio.io', 'Gateway'),
  type('gateway.networking.k8s.io', 'Gateway'),
];

const NOTHING: KindSelection = {
  kinds: [],
  omitKinds: [],
  customResourceDefinitions: [],
  onlyNamespacedResources: false,
};

function selected(selection: Partial<KindSelection>): string[] {
  return selectTypes(SERVED, { ...NOTHING, ...selection })
    .types.map(({ group, kind }) => `${kind}.${group}`)
    .sort();
}

describe(selectTypes, () => {
  it.each<[string, Partial<KindSelection>, string[]]>([
    ['a kind of the core', { kinds: ['pod'] }, ['Pod.']],
    ['whatever its case', { kinds: ['REPLICASET'] }, ['ReplicaSet.apps']],
    ['native kinds alone without a group', { kinds: ['service'] }, ['Service.']],
    ['a native kind with its group', { kinds: ['deployment.apps'] }, ['Deployment.apps']],
    ['a native kind in a group it is not in', { kinds: ['deployment.batch'] }, []],
    [
      'a custom kind with its group',
      { kinds: ['crontab.stable.example.com'] },
      ['CronTab.stable.example.com'],
    ],
    ['no custom kind without its group', { kinds: ['cronTab'] }, []],
    ['the best of several native groups', { kinds: ['ingress'] }, ['Ingress.networking.k8s.io']],
    [
      'the old group if that is asked for',
      { kinds: ['ingress.extensions'] },
      ['Ingress.extensions'],
    ],
    ['events of the core', { kinds: ['event'] }, ['Event.']],
    [
      'a group under k8s.io as native',
      { kinds: ['gateway'] },
      ['Gateway.gateway.networking.k8s.io'],
    ],
    ['less what is omitted', { kinds: ['pod', 'secret'], omitKinds: ['Secret'] }, ['Pod.']],
    ['nothing when all is omitted', { omitKinds: ['*'] }, []],
    [
      'custom kinds named by hand besides the defaults',
      { kinds: ['pod'], customResourceDefinitions: [{ kind: 'CronTab.stable.example.com' }] },
      ['CronTab.stable.example.com', 'Pod.'],
    ],
    [
      'no cluster-scoped kind when told so',
      { kinds: ['namespace', 'pod'], onlyNamespacedResources: true },
      ['Pod.'],
    ],
    [
      'the defaults',
      {},
      [
        'CronJob.batch',
        'CustomResourceDefinition.apiextensions.k8s.io',
        'Deployment.apps',
        'Ingress.networking.k8s.io',
        'Namespace.',
        'NetworkPolicy.networking.k8s.io',
        'Pod.',
        'ReplicaSet.apps',
        'Service.',
      ],
    ],
  ])('selects %s', (_, selection, expected) => {
    expect(selected(selection)).toEqual(expected);
  });

  it('selects everything once with *, custom kinds of one name apart', () => {
    const all = selected({ kinds: ['*'], omitKinds: ['node', 'service.serving.knative.dev'] });

    expect(all).toHaveLength(SERVED.length - 4);
    expect(all).toEqual(expect.arrayContaining(['Gateway.networking.istio.io', 'Event.']));
    expect(all).not.toContain('Event.events.k8s.io');
  });

  it('tells which configured kinds are not served', () => {
    const { unknownKinds } = selectTypes(SERVED, {
      ...NOTHING,
      kinds: ['*', 'pod', 'Rollout.argoproj.io', 'podz'],
      customResourceDefinitions: [{ kind: 'Foo.example.com' }],
    });

    expect(unknownKinds).toEqual(['Rollout.argoproj.io', 'podz', 'Foo.example.com']);
  });
});

describe(kindMatcher, () => {
  it('judges a type that is not served', () => {
    const matches = kindMatcher({ ...NOTHING, kinds: ['foo.example.com'] });

    expect(matches({ group: 'example.com', kind: 'Foo' })).toBe(true);
    expect(matches({ group: 'example.org', kind: 'Foo' })).toBe(false);
  });
});

describe(spinnakerKindOf, () => {
  it.each([
    ['', 'Pod', 'pod'],
    ['apps', 'ReplicaSet', 'replicaSet'],
    ['networking.k8s.io', 'NetworkPolicy', 'networkPolicy'],
    ['stable.example.com', 'CronTab', 'CronTab.stable.example.com'],
  ])('spells %s/%s as %s', (group, kind, expected) => {
    expect(spinnakerKindOf({ group, kind })).toBe(expected);
  });
});
