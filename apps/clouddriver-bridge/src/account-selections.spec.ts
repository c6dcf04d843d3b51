import { describe, expect, it } from '@jest/globals';
import { projectObject, type RelationRows } from '@fairlead/clouddriver-model';
import { type CommitUnit } from '@fairlead/sql-cache';
import { AccountSelections } from './account-selections.ts';
import { MemoryCache } from '../tests/memory-cache.ts';

const metadata = (name: string) => ({ name, namespace: 'prod' });
const project = (object: object) =>
  projectObject(Buffer.from(JSON.stringify(object)), { account: 'prod-eu' });
const aService = (selector: object | undefined) =>
  project({ kind: 'Service', apiVersion: 'v1', metadata: metadata('web'), spec: { selector } });
const aSet = (name: string, labels: object, annotations: object = {}) =>
  project({
    ...{ kind: 'ReplicaSet', apiVersion: 'apps/v1' },
    metadata: { ...metadata(name), annotations },
    spec: { template: { metadata: { labels } } },
  });
const aPod = () => project({ kind: 'Pod', apiVersion: 'v1', metadata: metadata('web-1') });

const aUnit = (parts: Partial<CommitUnit>): CommitUnit => ({
  ...{ account: 'prod-eu', epoch: 1, upserts: [], deletes: [], checkpoints: [], retired: [] },
  ...parts,
});

/** A cache that counts its pages. */
class CountingCache extends MemoryCache {
  pages = 0;
  override listBodies(query: Parameters<MemoryCache['listBodies']>[0]) {
    this.pages += 1;
    return super.listBodies(query);
  }
}

function setUp() {
  const cache = new CountingCache();
  const selections = new AccountSelections(cache, 'prod-eu');
  const commit = async (parts: Partial<CommitUnit>) => {
    const unit = await selections.complete(aUnit(parts));
    await cache.commit(unit);
    return named(unit.relations);
  };
  return { cache, commit };
}

const nameOf = (id: string) => id.split(':').slice(-1)[0] ?? '';

/** Service's rows alone; the opposite direction goes with each. */
function named(relations: RelationRows | undefined) {
  const of = (rows: RelationRows['added']) =>
    rows.filter(({ type }) => type === 'service').map(({ relId }) => nameOf(relId));
  return relations && { added: of(relations.added), removed: of(relations.removed) };
}

describe(AccountSelections, () => {
  it('relates what comes in one unit or in several', async () => {
    const { commit } = setUp();

    const first = await commit({
      upserts: [aService({ app: 'web' }), aSet('web-1', { app: 'web' })],
    });
    const second = await commit({ upserts: [aSet('web-2', { app: 'web' })] });

    expect(first).toEqual({ added: ['web-1'], removed: [] });
    expect(second).toEqual({ added: ['web-2'], removed: [] });
  });

  it('takes relations back with the objects, and with those that ask not to be cached', async () => {
    const { commit } = setUp();
    const [service, one, two] = [
      ...[aService({ app: 'web' }), aSet('web-1', { app: 'web' }), aSet('web-2', { app: 'web' })],
    ];
    await commit({ upserts: [service!, one!, two!] });

    const { type, id, agent } = one!;
    const deleted = await commit({ deletes: [{ type, id, agent }] });
    const ignore = { 'caching.spinnaker.io/ignore': 'true' };
    const ignored = await commit({ upserts: [aSet('web-2', { app: 'web' }, ignore)] });

    expect(deleted).toEqual({ added: [], removed: ['web-1'] });
    expect(ignored).toEqual({ added: [], removed: ['web-2'] });
  });

  it('knows what an earlier epoch has stored', async () => {
    const { cache, commit } = setUp();
    await commit({ upserts: [aService({ app: 'web' }), aSet('web-1', { app: 'web' })] });
    const resumed = new AccountSelections(cache, 'prod-eu');

    const unit = await resumed.complete(aUnit({ upserts: [aService({ app: 'other' })] }));

    expect(named(unit.relations)).toEqual({ added: [], removed: ['web-1'] });
  });

  it('reads nothing, and adds nothing, while other kinds change', async () => {
    const { cache, commit } = setUp();

    const relations = await commit({ upserts: [aPod()] });

    expect(relations).toBeUndefined();
    expect(cache.pages).toBe(0);
  });
});
