import type { Checkpoint } from './delta-sink.ts';
import { planFeeds, type FeedPlanning, type PlanInput } from './feed-plan.ts';
import type { FeedKey, ResourceType } from './resource-type.ts';
import { aFeedKey, PODS } from './testing/index.ts';
import { resolveWatchOptions, type WatchOptions } from './watch-options.ts';

const TABS: ResourceType = {
  group: 'example.com',
  version: 'v1',
  resource: 'tabs',
  kind: 'Tab',
  namespaced: true,
};
const tabsFeed: FeedKey = { ...TABS, namespace: '' };
const podsAt = (resourceVersion: string, fields: Partial<Checkpoint> = {}): Checkpoint => ({
  ...PODS,
  namespace: '',
  resourceVersion,
  ...fields,
});

function plan(
  fields: {
    readonly served?: readonly ResourceType[];
    readonly incomplete?: readonly string[];
    readonly options?: WatchOptions;
  } & Partial<Pick<PlanInput, 'running' | 'checkpoints'>>,
): FeedPlanning {
  return planFeeds({
    catalog: {
      types: fields.served ?? [PODS, TABS],
      incompleteGroups: new Set(fields.incomplete ?? []),
    },
    options: resolveWatchOptions({ kinds: ['pod', 'tab.example.com'], ...fields.options }),
    running: fields.running ?? [],
    checkpoints: fields.checkpoints ?? [],
  });
}

describe(planFeeds, () => {
  it('starts a feed for each wanted type, from its checkpoint', () => {
    const { start } = plan({ checkpoints: [podsAt('77')] });

    expect(start).toEqual([
      { key: aFeedKey(), resourceVersion: '77', isServed: true },
      { key: tabsFeed, resourceVersion: '', isServed: true },
    ]);
  });

  it('does not resume from a checkpoint of another version', () => {
    const { start, retireNames } = plan({ checkpoints: [podsAt('77', { version: 'v1beta1' })] });

    expect(start[0]).toMatchObject({ resourceVersion: '' });
    expect(retireNames).toEqual([]);
  });

  it('makes a feed per namespace, and one for a cluster-scoped type', () => {
    const nodes = { ...PODS, resource: 'nodes', kind: 'Node', namespaced: false };
    const { start } = plan({
      served: [PODS, nodes],
      options: { kinds: ['*'], namespaces: ['a', 'b'] },
    });

    expect(start.map(({ key }) => `${key.resource}/${key.namespace}`)).toEqual([
      'pods/a',
      'pods/b',
      'nodes/',
    ]);
  });

  it('leaves running feeds alone and tells them that their type is served', () => {
    const result = plan({ running: [aFeedKey(), tabsFeed] });

    expect(result).toMatchObject({ start: [], stop: [], retire: [], retireNames: [] });
    expect(result.confirm).toHaveLength(2);
  });

  it('replaces a feed alone when its version changes, without retiring it', () => {
    const result = plan({
      served: [PODS, { ...TABS, version: 'v2' }],
      running: [aFeedKey(), tabsFeed],
    });

    expect(result.stop).toEqual([tabsFeed]);
    expect(result.start).toEqual([
      { key: { ...tabsFeed, version: 'v2' }, resourceVersion: '', isServed: true },
    ]);
    expect(result.retire).toEqual([]);
  });

  it('retires a running feed whose type is gone', () => {
    expect(plan({ served: [PODS], running: [aFeedKey(), tabsFeed] }).retire).toEqual([tabsFeed]);
  });

  it('retires nothing of a group that could not be read', () => {
    const result = plan({
      served: [PODS],
      incomplete: ['example.com'],
      running: [aFeedKey(), tabsFeed],
      checkpoints: [],
    });

    expect(result).toMatchObject({ retire: [], retireNames: [], stop: [] });
    expect(result.confirm).toEqual([aFeedKey()]);
  });

  describe('with a checkpoint for which there is no feed', () => {
    const tabs: Checkpoint = { ...TABS, namespace: '', resourceVersion: '5' };
    const name = { group: 'example.com', resource: 'tabs', kind: 'Tab', namespace: '' };

    it('retires it when its type is gone', () => {
      expect(plan({ served: [PODS], checkpoints: [tabs] }).retireNames).toEqual([name]);
    });

    it('retires it when its kind is no longer configured, even if its group cannot be read', () => {
      const options = { kinds: ['pod'] };
      const incomplete = ['example.com'];

      expect(
        plan({ options, incomplete, served: [PODS], checkpoints: [tabs] }).retireNames,
      ).toEqual([name]);
    });

    it('retires it when the account is restricted to namespaces now', () => {
      const { retireNames, start } = plan({
        options: { namespaces: ['a'] },
        served: [TABS],
        checkpoints: [tabs],
      });

      expect(retireNames).toEqual([name]);
      expect(start.map(({ key }) => key.namespace)).toEqual(['a']);
    });

    it('opens it as waiting when its group cannot be read', () => {
      const { start, retireNames } = plan({
        served: [PODS],
        incomplete: ['example.com'],
        checkpoints: [tabs],
      });

      expect(retireNames).toEqual([]);
      expect(start).toContainEqual({ key: tabsFeed, resourceVersion: '5', isServed: false });
    });
  });
});
