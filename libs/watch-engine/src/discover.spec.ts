import type { ClusterApi, ClusterApiResponse } from './cluster-api.ts';
import { catalogOf, discover } from './discover.ts';
import { WatchEngineError } from './watch-engine-error.ts';
import { statusResponse, wholeResponse } from './testing/index.ts';

const SIGNAL = new AbortController().signal;

/** An API of whole answers by path; `asked` collects the paths. */
function apiOf(
  answers: Readonly<Record<string, object | number>>,
): ClusterApi & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    reloadCredentials: () => Promise.resolve(),
    request: ({ path }): Promise<ClusterApiResponse> => {
      asked.push(path);
      const answer = answers[path] ?? 404;
      return Promise.resolve(
        typeof answer === 'number' ? statusResponse(answer) : wholeResponse(200, answer),
      );
    },
  };
}

const verbs = ['get', 'list', 'watch'];

function aggregated(...groups: readonly { name: string; versions: readonly object[] }[]): object {
  return {
    kind: 'APIGroupDiscoveryList',
    items: groups.map(({ name, versions }) => ({ metadata: { name }, versions })),
  };
}

function resource(name: string, kind: string, more: object = {}): object {
  return { resource: name, responseKind: { kind }, scope: 'Namespaced', verbs, ...more };
}

const CORE = aggregated({
  name: '',
  versions: [
    {
      version: 'v1',
      resources: [
        resource('pods', 'Pod', { subresources: [{ subresource: 'log', verbs: ['get'] }] }),
        resource('nodes', 'Node', { scope: 'Cluster' }),
        resource('bindings', 'Binding', { verbs: ['create'] }),
        resource('componentstatuses', 'ComponentStatus', { verbs: ['list'] }),
      ],
    },
  ],
});

describe(discover, () => {
  it('reads aggregated discovery with two requests', async () => {
    const api = apiOf({ '/api': CORE, '/apis': aggregated() });

    const { types, incompleteGroups } = await discover(api, SIGNAL);

    expect(types).toEqual([
      { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true },
      { group: '', version: 'v1', resource: 'nodes', kind: 'Node', namespaced: false },
    ]);
    expect(incompleteGroups.size).toBe(0);
    expect(api.asked).toEqual(['/api', '/apis']);
  });

  it('takes a type from the preferred version that has it', async () => {
    const apis = aggregated({
      name: 'example.com',
      versions: [
        { version: 'v2', resources: [resource('foos', 'Foo')] },
        { version: 'v1', resources: [resource('foos', 'Foo'), resource('bars', 'Bar')] },
      ],
    });

    const { types } = await discover(apiOf({ '/api': CORE, '/apis': apis }), SIGNAL);

    const custom = types.filter(({ group }) => group === 'example.com');
    expect(custom.map(({ resource, version }) => `${resource} ${version}`)).toEqual([
      'foos v2',
      'bars v1',
    ]);
  });

  it('tells a stale group as incomplete and takes no type on its word', async () => {
    const apis = aggregated(
      { name: 'ok.io', versions: [{ version: 'v1', resources: [resource('oks', 'Ok')] }] },
      {
        name: 'metrics.example.com',
        versions: [
          { version: 'v1', freshness: 'Stale', resources: [resource('ms', 'M')] },
          { version: 'v1beta1', resources: [resource('ms', 'M')] },
        ],
      },
    );

    const catalog = await discover(apiOf({ '/api': CORE, '/apis': apis }), SIGNAL);

    expect([...catalog.incompleteGroups]).toEqual(['metrics.example.com']);
    expect(catalog.types.map(({ resource }) => resource)).toEqual(['pods', 'nodes', 'oks']);
  });

  describe('of a server without aggregated discovery', () => {
    const plain = {
      '/api': { kind: 'APIVersions', versions: ['v1'] },
      '/api/v1': {
        kind: 'APIResourceList',
        resources: [
          { name: 'pods', kind: 'Pod', namespaced: true, verbs },
          { name: 'pods/log', kind: 'Pod', namespaced: true, verbs },
        ],
      },
      '/apis': {
        kind: 'APIGroupList',
        groups: [
          {
            name: 'apps',
            versions: [{ version: 'v1beta1' }, { version: 'v1' }],
            preferredVersion: { version: 'v1' },
          },
          { name: 'down.example.com', versions: [{ version: 'v1' }] },
        ],
      },
      '/apis/apps/v1': {
        kind: 'APIResourceList',
        resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true, verbs }],
      },
      '/apis/apps/v1beta1': {
        kind: 'APIResourceList',
        resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true, verbs }],
      },
      '/apis/down.example.com/v1': 503,
    };

    it('asks each group and version, and tells the one that is down', async () => {
      const catalog = await discover(apiOf(plain), SIGNAL);

      expect(catalog.types.map(({ resource, version }) => `${resource} ${version}`)).toEqual([
        'pods v1',
        'deployments v1',
      ]);
      expect([...catalog.incompleteGroups]).toEqual(['down.example.com']);
    });
  });

  it.each([
    ['a refusal', { '/api': 403, '/apis': 403 }],
    ['a page of something else', { '/api': { kind: 'Welcome' }, '/apis': { kind: 'Welcome' } }],
  ])('fails as a whole on %s', async (_, answers) => {
    await expect(discover(apiOf(answers), SIGNAL)).rejects.toBeInstanceOf(WatchEngineError);
  });
});

describe(catalogOf, () => {
  it('keeps what stands before an unreadable version in the order of preference', () => {
    const type = { group: 'g', version: 'v2', resource: 'as', kind: 'A', namespaced: true };
    const catalog = catalogOf([
      { group: 'g', version: 'v2', types: [type], isComplete: true },
      { group: 'g', version: 'v1', types: [], isComplete: false },
    ]);

    expect(catalog.types).toEqual([type]);
    expect([...catalog.incompleteGroups]).toEqual(['g']);
  });
});
