import { IdleRounds } from './idle-rounds.ts';
import { ListPermits } from './list-permits.ts';
import { listMetadata, type MetadataListDeps, type MetadataListing } from './metadata-list.ts';
import { objectFilter } from './object-filter.ts';
import { DEFAULT_OBJECT_POLICY } from './object-policy.ts';
import {
  aFeedKey,
  FakeClock,
  MemoryCluster,
  PODS,
  seededRandom,
  settle,
  statusResponse,
  wholeResponse,
} from './testing/index.ts';
import { DEFAULT_TUNING } from './watch-options.ts';

interface Rig {
  readonly cluster: MemoryCluster;
  readonly clock: FakeClock;
  readonly permits: ListPermits;
  readonly controller: AbortController;
  /** Names that were taken. */
  readonly taken: string[];
  list(notOlderThan?: string): Promise<MetadataListing>;
}

function rig(options: { readonly onlySpinnakerManaged?: boolean } = {}): Rig {
  const cluster = new MemoryCluster();
  const clock = new FakeClock();
  const permits = new ListPermits({ total: 1 });
  const taken: string[] = [];
  const { onlySpinnakerManaged = false } = options;
  const deps: MetadataListDeps = {
    api: cluster,
    clock,
    random: seededRandom(1),
    permits: permits.forAccount('test'),
    idleRounds: new IdleRounds(clock),
    tuning: { ...DEFAULT_TUNING, pageLimit: 2 },
    filter: objectFilter({ namespaces: [], omitNamespaces: [], onlySpinnakerManaged }),
    objects: DEFAULT_OBJECT_POLICY,
    received: () => undefined,
  };
  const controller = new AbortController();
  const take = ({ name }: { readonly name: string }): void => void taken.push(name);
  return {
    ...{ cluster, clock, permits, controller, taken },
    list: (notOlderThan = '') =>
      listMetadata({ key: aFeedKey(PODS), notOlderThan, take }, deps, controller.signal),
  };
}

describe(listMetadata, () => {
  it('takes every object once over all pages, and names the version of the first', async () => {
    const { cluster, list, taken, permits } = rig();
    for (const name of ['a', 'b', 'c', 'd', 'e']) cluster.apply(PODS, { name });
    const { version } = cluster;

    const listing = await list();

    expect(listing).toEqual({ kind: 'listed', resourceVersion: version });
    expect(taken).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(cluster.requests).toHaveLength(3);
    expect(permits.active).toBe(0);
  });

  it('asks for metadata and for nothing else', async () => {
    const { cluster, list } = rig();

    await list();

    const accepted = cluster.requests.map(({ headers }) => headers?.accept);
    expect(accepted).toEqual(['application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io']);
  });

  it('lets the server answer from its cache, whole, where it may', async () => {
    const { cluster, list } = rig();

    await list('1');

    expect(cluster.requests[0]?.query).toEqual({
      resourceVersion: '1',
      resourceVersionMatch: 'NotOlderThan',
    });
  });

  it('passes over what the filter leaves out and what asks not to be cached', async () => {
    const { cluster, list, taken } = rig({ onlySpinnakerManaged: true });
    const managed = { 'moniker.spinnaker.io/application': 'shop' };
    cluster.apply(PODS, { name: 'foreign' });
    cluster.apply(PODS, { name: 'managed', annotations: managed });
    const ignored = { ...managed, 'caching.spinnaker.io/ignore': 'true' };
    cluster.apply(PODS, { name: 'ignored', annotations: ignored });

    await list();

    expect(taken).toEqual(['managed']);
  });

  it('gives up where only whole objects are offered, without asking for them', async () => {
    const { cluster, list } = rig();
    cluster.intercept = () => Promise.resolve(statusResponse(406, 'NotAcceptable'));

    const listing = await list();

    expect(listing).toEqual({ kind: 'failed', reason: 'not offered as metadata' });
    expect(cluster.requests).toHaveLength(1);
  });

  it.each([
    ['a refusal', () => statusResponse(403, 'Forbidden'), 'HTTP 403 Forbidden'],
    ['an object without a name', () => wholeResponse(200, nameless), 'an object cannot be read'],
    ['a body that is no list', () => wholeResponse(200, 'hello'), 'malformed'],
  ])('is failed by %s', async (_what, answer, reason) => {
    const { cluster, list, permits } = rig();
    cluster.intercept = () => Promise.resolve(answer());

    expect(await list()).toEqual({ kind: 'failed', reason });
    expect(permits.active).toBe(0);
  });

  it('is failed by a page token that expires in the middle', async () => {
    const { cluster, list } = rig();
    for (const name of ['a', 'b', 'c']) cluster.apply(PODS, { name });
    cluster.intercept = ({ query }) =>
      query?.continue === undefined ? undefined : statusResponse(410, 'Expired');

    expect(await list()).toEqual({ kind: 'failed', reason: 'HTTP 410 Expired' });
  });

  it('ends with the signal, and gives its permit back', async () => {
    const { cluster, list, permits, controller } = rig();
    cluster.intercept = () => new Promise(() => undefined);
    const listing = list();
    await settle();

    controller.abort(new Error('over'));

    await expect(listing).rejects.toThrow('over');
    expect(permits.active).toBe(0);
  });
});

/** No name: nobody can tell which object it is. */
const nameless = {
  kind: 'PodList',
  apiVersion: 'v1',
  metadata: { resourceVersion: '9' },
  items: [{ metadata: { uid: 'u' } }],
};
