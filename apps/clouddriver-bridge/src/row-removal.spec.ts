import { AccountDeadLetters } from './account-dead-letters.ts';
import { AccountFeeds } from './account-feeds.ts';
import { type FeedIntake } from './feed-intake.ts';
import { Permits } from './permits.ts';
import { sweepFeeds } from './row-removal.ts';
import { UnitBuilder, type UnitLimits } from './unit-builder.ts';
import { aFeed, aMark, aPod } from '../tests/deltas.ts';
import { MemoryCache } from '../tests/memory-cache.ts';

const account = 'prod';

/** An account of which nothing is stored, whose units are committed as they are. */
function setUp(options: { permits?: number; limits?: UnitLimits } = {}) {
  const cache = new MemoryCache();
  const feeds = new AccountFeeds({ account }, [], { nowMs: () => 0 });
  const letters = new AccountDeadLetters({ cache, putAside: () => undefined }, []);
  const permits = new Permits(options.permits ?? 4);
  const commit = async (unit: UnitBuilder, marks: readonly (() => void)[] = []) => {
    const built = unit.build({ account, epoch: 1 });
    if (!unit.isEmpty) await letters.commit(built);
    for (const mark of marks) mark();
  };
  const newUnit = () => new UnitBuilder(options.limits);
  const grant = { account, epoch: 1 };
  const deps = { cache, feeds, letters, permits, grant, newUnit, commit, isStopped: () => false };
  /** A feed whose first snapshot is committed, but for its end. */
  const listed = async (name: string, size: number, namespace = ''): Promise<FeedIntake> => {
    const feed = { resource: name.toLowerCase(), kind: name, namespace };
    const { intake } = feeds.open(aFeed(feeds.all().length + 1, feed));
    const unit = newUnit();
    intake.take(aMark('init'), unit);
    for (let at = 0; at < size; at += 1) {
      const at4 = String(at).padStart(4, '0');
      intake.take(aPod('initApplied', at4, { body: { kind: name } }), unit);
    }
    intake.take(aMark('initDone', '50'), unit);
    await commit(unit);
    cache.units.length = 0;
    return intake;
  };
  const add = (intake: FeedIntake, name: string) => {
    const { id, type, agent } = intake.rowKey({ namespace: 'default', name });
    cache.rows.set(id, type);
    cache.agents.set(id, agent);
  };
  return { cache, deps, listed, add, commit, feeds };
}

describe(sweepFeeds, () => {
  it('ends several snapshots in one unit, with what is to go', async () => {
    const { cache, deps, listed, add } = setUp();
    const feeds = [await listed('Pod', 2), await listed('Service', 1), await listed('Job', 0)];
    add(feeds[1]!, 'stray');

    await sweepFeeds(feeds, deps);

    expect(cache.units).toHaveLength(1);
    expect(cache.units[0]?.deletes.map(({ type }) => type)).toEqual(['service']);
    expect(cache.units[0]?.checkpoints.map(({ resourceVersion }) => resourceVersion)).toEqual(
      feeds.map(() => '50'),
    );
    expect(feeds.map(({ committed }) => committed.resourceVersion)).toEqual(feeds.map(() => '50'));
  });

  it('lets many rows go before, a thousand at a time', async () => {
    const { cache, deps, listed, add } = setUp();
    const feeds = [await listed('Pod', 1), await listed('Service', 1)];
    for (let at = 0; at < 2500; at += 1) add(feeds[0]!, `stray-${at}`);

    await sweepFeeds(feeds, deps);

    const units = cache.units.map(({ deletes, checkpoints }) => [
      deletes.length,
      checkpoints.length,
    ]);
    expect(units).toEqual([
      [1000, 0],
      [1000, 0],
      [500, 1],
      [0, 1],
    ]);
  });

  it('begins another unit when one is full', async () => {
    const { cache, deps, listed, add } = setUp({ limits: { maxRows: 2, maxBytes: 1e9 } });
    const feeds = [await listed('Pod', 1), await listed('Service', 1), await listed('Job', 1)];
    for (const feed of feeds) add(feed, 'stray');

    await sweepFeeds(feeds, deps);

    expect(cache.units.map(({ checkpoints }) => checkpoints.length)).toEqual([2, 1]);
  });

  it.each([
    [1, 1],
    [3, 3],
    [8, 4],
  ])('asks with %d permits about %d feeds at once', async (permits, atOnce) => {
    const { deps, listed } = setUp({ permits });
    const kinds = ['Pod', 'Service', 'Job', 'Secret', 'ConfigMap', 'Node'];
    const feeds: FeedIntake[] = [];
    for (const kind of kinds) feeds.push(await listed(kind, 1));
    let [asking, most] = [0, 0];
    const listIds = async (query: Parameters<MemoryCache['listIds']>[0]) => {
      asking += 1;
      most = Math.max(most, asking);
      await Promise.resolve();
      asking -= 1;
      return deps.cache.listIds(query);
    };
    const cache = { ...deps, listIds, commit: deps.cache.commit.bind(deps.cache) };
    const countAgentRows = deps.cache.countAgentRows.bind(deps.cache);

    await deps.permits.with(() =>
      sweepFeeds(feeds, { ...deps, cache: { ...cache, countAgentRows } }),
    );

    expect(most).toBe(atOnce);
  });

  describe('with many rows of a first snapshot', () => {
    const asked = async (prepare: (world: ReturnType<typeof setUp>) => Promise<FeedIntake>) => {
      const world = setUp();
      const intake = await prepare(world);
      world.cache.asked.lists = 0;
      await sweepFeeds([intake], world.deps);
      const { cache } = world;
      expect(cache.checkpoints.get('pod/')?.resourceVersion).toBe('50');
      const { counts, lists } = cache.asked;
      return { counts, lists, rows: cache.rows.size };
    };

    it('counts the rows instead of listing them', async () => {
      const done = await asked(({ listed }) => listed('Pod', 1000));
      expect(done).toEqual({ counts: 1, lists: 0, rows: 1000 });
    });

    it('lists them if there are others', async () => {
      const done = await asked(async ({ listed, add }) => {
        const intake = await listed('Pod', 1000);
        add(intake, 'stray');
        return intake;
      });
      expect(done).toEqual({ counts: 1, lists: 1, rows: 1000 });
    });

    it('lists them if one was put aside, though their number is right', async () => {
      const done = await asked(async ({ listed, add, cache, deps }) => {
        const intake = await listed('Pod', 1000);
        add(intake, 'stray');
        // As if the database had refused it.
        const row = intake.rowKey({ namespace: 'default', name: '0007' });
        cache.rows.delete(row.id);
        const unit = deps.newUnit();
        unit.putAside(deps.feeds.letterOf(row, 'refused'));
        await deps.commit(unit);
        return intake;
      });
      expect(done).toEqual({ counts: 0, lists: 1, rows: 999 });
    });

    it('lists few rows at once', async () => {
      const done = await asked(({ listed }) => listed('Pod', 999));
      expect(done).toEqual({ counts: 0, lists: 1, rows: 999 });
    });

    it('lists those of a namespace', async () => {
      const { cache, deps, listed } = setUp();
      const intake = await listed('Pod', 1000, 'default');

      await sweepFeeds([intake], deps);

      expect(cache.asked).toEqual({ counts: 0, lists: 1 });
    });
  });
});
