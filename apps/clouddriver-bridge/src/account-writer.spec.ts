import { describe, expect, it } from '@jest/globals';
import { type DeltaRecord } from '@fairlead/protocol';
import { type DeadLetter, type FeedCheckpoint, type StoredFeed } from '@fairlead/sql-cache';
import { type KnownLetter } from './account-dead-letters.ts';
import { type AheadObject } from './ahead-object.ts';
import { AccountWriter, type CommittedUnit } from './account-writer.ts';
import { type ReplayLetter } from './dead-letter-replay.ts';
import { type CommitJournal, type NotedUnit } from './gateway/account-journal.ts';
import { Permits } from './permits.ts';
import { type UnitLimits } from './unit-builder.ts';
import { aBatch, aFeed, aMark, aPod, aSnapshot } from '../tests/deltas.ts';
import { FakeClock, settled } from '../tests/fake-clock.ts';
import { MemoryCache } from '../tests/memory-cache.ts';

function setUp(
  options: {
    limits?: UnitLimits;
    stored?: readonly StoredFeed[];
    deadLetters?: readonly KnownLetter[];
    journal?: CommitJournal;
    permits?: number;
  } = {},
) {
  const cache = new MemoryCache();
  const clock = new FakeClock();
  const told: string[] = [];
  const committed: CommittedUnit[] = [];
  const writer = new AccountWriter(
    {
      cache,
      clock,
      permits: new Permits(options.permits ?? 1),
      ...(options.limits ? { limits: options.limits } : {}),
      ...(options.journal ? { journal: options.journal } : {}),
      outlet: {
        acknowledged: (batches) => {
          for (const [feedId, seq] of batches) told.push(`ack ${feedId} ${seq}`);
        },
        settled: (bytes) => told.push(`settled ${bytes}`),
        committed: (unit) => committed.push(unit),
        asked: ({ intake }, snapshot) => told.push(`asked ${intake.type} ${snapshot}`),
        putAside: ({ name, reason }, fate) => told.push(`put aside ${name} ${reason} ${fate}`),
        databaseRefuses: () => told.push('database refuses'),
        fenced: () => told.push('fenced'),
        commitsLost: () => told.push('commits lost'),
        failed: (error) => told.push(`failed ${String(error)}`),
      },
    },
    {
      account: 'prod',
      epoch: 1,
      context: { account: 'prod' },
      stored: options.stored ?? [],
      deadLetters: options.deadLetters ?? [],
    },
  );
  writer.openFeed(aFeed(1));
  return { cache, clock, told, committed, writer };
}

function acks(told: readonly string[]): readonly string[] {
  return told.filter((line) => line.startsWith('ack'));
}

function checkpointOf(cache: MemoryCache, key = 'pods/'): FeedCheckpoint | undefined {
  return cache.checkpoints.get(key);
}

/** What a writer tells its journal, in few words. */
function aJournal() {
  const told: string[] = [];
  const nameOf = (id: string) => id.split(':').at(-1) ?? '';
  const describeUnit = ({ upserts, deletes }: NotedUnit) =>
    [
      ...upserts.map(({ id }) => `+${nameOf(id)}`),
      ...deletes.map(({ id, resourceVersion = '?' }) => `-${nameOf(id)}@${resourceVersion}`),
    ].join(' ');
  const journal: CommitJournal = {
    begin: (unit) => {
      told.push(`begin ${describeUnit(unit)}`);
      return Promise.resolve({
        leftOut: (id) => told.push(`left out ${nameOf(id)}`),
        committed: () => told.push('committed'),
        ended: () => told.push('ended'),
      });
    },
    beginBehind: (unit) => {
      told.push(`asked of ${describeUnit(unit)}`);
      return undefined;
    },
  };
  return { told, journal };
}

describe(AccountWriter, () => {
  it('believes no row to be new any more once one of a first snapshot was stored', async () => {
    const { cache, writer } = setUp({ limits: { maxRows: 1, maxBytes: 1e6 } });
    cache.rows.set('kubernetes.v2:infrastructure:pod:prod:default:b', 'pod');

    writer.enqueue(aBatch(aSnapshot(['a', 'b', 'c', 'd', 'e'], '20')));
    await writer.idle();

    const isNew = cache.units.map((unit) => unit.upserts.length > 0 && unit.isNew);
    expect(isNew.slice(0, 5)).toEqual([true, true, false, false, false]);
    expect(cache.units.flatMap(({ upserts }) => upserts)).toHaveLength(5);
  });

  describe('with a journal', () => {
    it('tells of each unit before and after it is in the database', async () => {
      const { told, journal } = aJournal();
      const { cache, writer } = setUp({ journal });
      const release = cache.hold();
      const gone = { ...aPod('deleted', 'b'), resourceVersion: '77' };
      writer.enqueue(aBatch([aPod('applied', 'a'), gone]));
      await settled();
      expect(told).toEqual(['begin +a -b@77']);

      release();
      await writer.idle();

      expect(told).toEqual(['begin +a -b@77', 'committed', 'ended']);
    });

    it('tells which rows the database refused', async () => {
      const { told, journal } = aJournal();
      const { cache, writer } = setUp({ journal });
      cache.poison.add('kubernetes.v2:infrastructure:pod:prod:default:b');

      writer.enqueue(aBatch([aPod('applied', 'a'), aPod('applied', 'b')]));
      await writer.idle();

      expect(told).toEqual(['begin +a +b', 'left out b', 'committed', 'ended']);
    });

    it('tells that a unit was not committed', async () => {
      const { told, journal } = aJournal();
      const { cache, writer } = setUp({ journal });
      cache.epoch = 2;

      writer.enqueue(aBatch([aPod('applied', 'a')]));
      await writer.idle();

      expect(told).toEqual(['begin +a', 'ended']);
    });

    it('does not know in which version an object went that a list lacks', async () => {
      const { told, journal } = aJournal();
      const { writer } = setUp({ journal });
      writer.enqueue(aBatch(aSnapshot(['a', 'b'], '50'), { batchSeq: 1 }));
      await writer.idle();
      told.length = 0;

      writer.enqueue(aBatch(aSnapshot(['b'], '60'), { batchSeq: 2 }));
      await writer.idle();

      expect(told.filter((line) => line.startsWith('begin')).at(-1)).toBe('begin -a@?');
    });
  });

  it('tells the database of rows that wait, and of none before', async () => {
    const { cache, writer } = setUp();
    writer.openFeed(aFeed(2, { resource: 'services', kind: 'Service' }));
    cache.hold();

    writer.enqueue(aBatch(aSnapshot([], '50'), { feedId: 2 }));
    writer.enqueue(aBatch([aPod('applied', 'a')]));

    expect([...cache.expected]).toEqual(['pod']);
    writer.stop();
    await writer.idle();
  });

  it('acknowledges and gives credit back only after the commit', async () => {
    const { cache, told, writer } = setUp();
    const release = cache.hold();
    const batch = aBatch([aPod('applied', 'a')]);

    writer.enqueue(batch);
    await settled();
    expect(told).toEqual([]);
    release();
    await writer.idle();

    expect(told).toEqual(['ack 1 1', `settled ${batch.uncompressedBytes}`]);
    expect(cache.names()).toEqual(['default/a']);
  });

  it('merges the batches that wait into one unit', async () => {
    const { cache, told, writer } = setUp();
    const release = cache.hold();
    writer.enqueue(aBatch([aPod('applied', 'a')], { batchSeq: 1 }));
    await settled();
    writer.enqueue(aBatch([aPod('applied', 'b')], { batchSeq: 2 }));
    writer.enqueue(aBatch([aPod('applied', 'c')], { batchSeq: 3 }));

    release();
    await writer.idle();

    expect(cache.units).toHaveLength(2);
    expect(acks(told)).toEqual(['ack 1 1', 'ack 1 3']);
  });

  describe('with full units of new rows', () => {
    /** The first unit is on its way, and the second is full. */
    const begin = async (options: { permits?: number; journal?: CommitJournal } = {}) => {
      const set = setUp({ permits: 2, limits: { maxRows: 2, maxBytes: 1e9 }, ...options });
      const release = set.cache.hold();
      set.writer.enqueue(aBatch(aSnapshot(['a', 'b', 'c', 'd', 'e', 'f', 'g'], '20')));
      await settled();
      return { ...set, release };
    };
    const written = (cache: MemoryCache) =>
      cache.units.map(({ upserts }) => upserts.map(({ id }) => id.at(-1)).join(''));
    const inOrder = ['ab', 'cd', 'ef', 'g'];

    it('sends the next behind the one on its way', async () => {
      const { cache, told, release, writer } = await begin();

      release();
      await writer.idle();

      expect(cache.sentBehind).toEqual([true]);
      expect(written(cache).slice(0, 4)).toEqual(inOrder);
      expect(acks(told)).toEqual(['ack 1 1']);
      expect(checkpointOf(cache)).toMatchObject({ resourceVersion: '20' });
    });

    it('gathers what comes while a unit is on its way, and sends it', async () => {
      const { writer, cache } = setUp({ permits: 2, limits: { maxRows: 2, maxBytes: 1e9 } });
      const release = cache.hold();
      const pods = (...names: string[]) => names.map((name) => aPod('initApplied', name));
      writer.enqueue(aBatch([aMark('init'), ...pods('a', 'b')], { batchSeq: 1 }));
      await settled();
      writer.enqueue(aBatch(pods('c'), { batchSeq: 2 }));
      await settled();
      writer.enqueue(aBatch([...pods('d'), aMark('initDone', '20')], { batchSeq: 3 }));
      await settled();

      release();
      await writer.idle();

      expect(cache.sentBehind).toEqual([true]);
      expect(written(cache).slice(0, 2)).toEqual(['ab', 'cd']);
    });

    it('commits one again that was sent in vain, each once and in order', async () => {
      const { cache, release, writer } = await begin();
      cache.losesBehind = () => true;

      release();
      await writer.idle();

      expect(cache.sentBehind).toEqual([false]);
      expect(written(cache).slice(0, 4)).toEqual(inOrder);
    });

    it('puts aside what the database refuses of one that was sent', async () => {
      const { cache, told, release, writer } = await begin();
      cache.poison.add('kubernetes.v2:infrastructure:pod:prod:default:d');

      release();
      await writer.idle();

      expect(cache.sentBehind[0]).toBe(false);
      expect(cache.names()).toEqual(
        ['a', 'b', 'c', 'e', 'f', 'g'].map((name) => `default/${name}`),
      );
      expect(told).toContain('put aside d refused kept');
    });

    it('sends none while others need the permits', async () => {
      const { cache, release, writer } = await begin({ permits: 1 });

      release();
      await writer.idle();

      expect(cache.sentBehind).toEqual([]);
      expect(written(cache).slice(0, 4)).toEqual(inOrder);
    });

    it('sends none of which the journal wants to know more', async () => {
      const { told, journal } = aJournal();
      const { cache, release, writer } = await begin({ journal });

      release();
      await writer.idle();

      expect(cache.sentBehind).toEqual([]);
      expect(told.slice(0, 4)).toEqual(['begin +a +b', 'asked of +c +d', 'committed', 'ended']);
    });

    it('lets go of what it has sent when it stops', async () => {
      const { told, journal } = aJournal();
      const beginBehind = () => ({
        leftOut: () => told.push('left out'),
        committed: () => told.push('committed behind'),
        ended: () => told.push('ended behind'),
      });
      const { cache, release, writer } = await begin({ journal: { ...journal, beginBehind } });

      writer.stop();
      release();
      await writer.idle();

      expect(told).toContain('ended behind');
      expect(told).not.toContain('committed behind');
      expect(cache.sentBehind).toHaveLength(1);
    });
  });

  it('says of a full unit that others wait behind it, but not of the last', async () => {
    const { cache, writer } = setUp({ limits: { maxRows: 2, maxBytes: 1e9 } });
    const pods = ['a', 'b', 'c', 'd'].map((name) => aPod('applied', name));

    writer.enqueue(aBatch(pods, { batchSeq: 1 }));
    writer.enqueue(aBatch([aPod('applied', 'e')], { batchSeq: 2 }));
    await writer.idle();
    writer.enqueue(aBatch([aPod('applied', 'f'), aPod('applied', 'g')], { batchSeq: 3 }));
    await writer.idle();

    const said = cache.units.map(({ upserts, isFollowed }) => [upserts.length, isFollowed]);
    expect(said).toEqual([
      [2, true],
      [2, true],
      [1, false],
      [2, false],
    ]);
  });

  it('splits a large batch into units, and acknowledges it with the last', async () => {
    const { cache, told, writer } = setUp({ limits: { maxRows: 2, maxBytes: 1e9 } });
    const pods = ['a', 'b', 'c', 'd', 'e'].map((name) => aPod('applied', name));

    writer.enqueue(aBatch(pods));
    await writer.idle();

    expect(cache.units.map(({ upserts }) => upserts.length)).toEqual([2, 2, 1]);
    expect(acks(told)).toEqual(['ack 1 1']);
    const versions = cache.units.map(({ checkpoints }) => checkpoints[0]?.resourceVersion);
    expect(versions).toEqual([pods[1], pods[3], pods[4]].map((pod) => pod!.resourceVersion));
  });

  it('moves no checkpoint within a snapshot, and moves it with the last rows swept', async () => {
    const { cache, writer } = setUp();
    writer.enqueue(aBatch(aSnapshot(['a', 'b'], '50'), { batchSeq: 1 }));
    await writer.idle();
    cache.units.length = 0;

    const half = [aMark('init'), aPod('initApplied', 'b')];
    writer.enqueue(aBatch(half, { batchSeq: 2 }));
    await writer.idle();
    expect(checkpointOf(cache)?.resourceVersion).toBe('50');
    expect(cache.names()).toEqual(['default/a', 'default/b']);

    writer.enqueue(aBatch([aMark('initDone', '60')], { batchSeq: 3 }));
    await writer.idle();
    expect(cache.units.at(-1)).toMatchObject({
      deletes: [{ id: 'kubernetes.v2:infrastructure:pod:prod:default:a' }],
      checkpoints: [{ resourceVersion: '60' }],
    });
  });

  it('sweeps nothing after a snapshot with an object that nobody could read, and moves on', async () => {
    const { cache, told, writer } = setUp();
    writer.enqueue(aBatch(aSnapshot(['a', 'b'], '50'), { batchSeq: 1 }));
    await writer.idle();
    const again = [aMark('init'), aPod('initApplied', 'b'), aMark('initDoneUnswept', '60')];

    writer.enqueue(aBatch([...again, aPod('applied', 'c')], { batchSeq: 2 }));
    await writer.idle();

    expect(cache.names()).toEqual(['default/a', 'default/b', 'default/c']);
    expect(Number(checkpointOf(cache)?.resourceVersion)).toBeGreaterThan(60);
    expect(acks(told)).toEqual(['ack 1 1', 'ack 1 2']);
  });

  it('takes up a snapshot as begun anew after one that was not swept', async () => {
    const { cache, writer } = setUp();
    const first = [...aSnapshot(['a', 'b'], '50').slice(0, -1), aMark('initDoneUnswept', '50')];
    writer.enqueue(aBatch(first, { batchSeq: 1 }));
    await writer.idle();
    expect(checkpointOf(cache)?.resourceVersion).toBe('50');

    writer.enqueue(aBatch(aSnapshot(['b'], '60'), { batchSeq: 2 }));
    await writer.idle();

    expect(cache.names()).toEqual(['default/b']);
    expect(checkpointOf(cache)?.resourceVersion).toBe('60');
  });

  it('moves the checkpoints of quiet feeds in one commit, after the batches before', async () => {
    const { cache, told, writer } = setUp();
    writer.openFeed(aFeed(2, { resource: 'services', kind: 'Service' }));
    const release = cache.hold();
    const batch = aBatch([aPod('applied', 'a')], { batchSeq: 1 });
    writer.enqueue(batch);
    await settled();
    const marks = [1, 2].map((feedId) => ({ feedId, record: aMark('checkpoint', '900') }));

    writer.enqueueCheckpoints({ marks, bytes: 128 });
    release();
    await writer.idle();

    expect(cache.units).toHaveLength(2);
    expect(cache.units[1]?.checkpoints).toMatchObject([
      { resource: 'pods', resourceVersion: '900' },
      { resource: 'services', resourceVersion: '900' },
    ]);
    expect(told).toEqual(['ack 1 1', `settled ${batch.uncompressedBytes}`, 'settled 128']);
  });

  it('sweeps more rows than fit a page', async () => {
    const { cache, writer } = setUp();
    const names = Array.from({ length: 2500 }, (_, at) => `pod-${at}`);
    writer.enqueue(aBatch(aSnapshot(names, '50'), { batchSeq: 1 }));
    writer.enqueue(aBatch(aSnapshot(['pod-7'], '60'), { batchSeq: 2 }));

    await writer.idle();

    expect(cache.names()).toEqual(['default/pod-7']);
    expect(checkpointOf(cache)?.resourceVersion).toBe('60');
  });

  it.each([
    ['cannot be projected', '{', 'invalidJson'],
    ['the agent could not read', '', 'notRead'],
  ])('keeps the row of an object in a snapshot that %s', async (_what, text, reason) => {
    const { cache, told, writer } = setUp();
    writer.enqueue(aBatch(aSnapshot(['a', 'b'], '50'), { batchSeq: 1 }));
    const poison = { ...aPod('initApplied', 'a'), object: Buffer.from(text) };

    const again = [aMark('init'), poison, aMark('initDone', '60')];
    writer.enqueue(aBatch(again, { batchSeq: 2 }));
    await writer.idle();

    expect(cache.names()).toEqual(['default/a']);
    expect(told).toContain(`put aside a ${reason} kept`);
    expect(acks(told)).toContain('ack 1 2');
  });

  it('refuses an object of another kind than the feed', async () => {
    const { cache, told, writer } = setUp();

    writer.enqueue(aBatch([aPod('applied', 'a', { body: { kind: 'Node' } })]));
    await writer.idle();

    expect(told[0]).toBe('put aside a otherKind kept');
    expect(cache.names()).toEqual([]);
  });

  it('isolates a row that the database refuses, and commits all others with the checkpoint', async () => {
    const { cache, told, writer } = setUp();
    cache.poison.add('kubernetes.v2:infrastructure:pod:prod:default:c');
    const pods = ['a', 'b', 'c', 'd', 'e'].map((name) => aPod('applied', name));

    writer.enqueue(aBatch(pods));
    await writer.idle();

    expect(cache.names()).toEqual(['default/a', 'default/b', 'default/d', 'default/e']);
    expect(told.slice(0, 2)).toEqual(['put aside c refused kept', 'ack 1 1']);
    expect(checkpointOf(cache)?.resourceVersion).toBe(pods[4]!.resourceVersion);
  });

  it('puts nothing aside while the database refuses everything', async () => {
    const { cache, clock, told, writer } = setUp();
    cache.refusesAll = true;

    writer.enqueue(aBatch([aPod('applied', 'a'), aPod('applied', 'b')]));
    await settled();
    await clock.advance(5000);
    expect(told).toEqual(['database refuses', 'database refuses']);
    cache.refusesAll = false;
    await clock.advance(5000);

    expect(cache.names()).toEqual(['default/a', 'default/b']);
    expect(acks(told)).toEqual(['ack 1 1']);
  });

  it('writes and acknowledges nothing after it was fenced', async () => {
    const { cache, told, writer } = setUp();
    cache.epoch = 2;

    writer.enqueue(aBatch([aPod('applied', 'a')]));
    await writer.idle();
    writer.enqueue(aBatch([aPod('applied', 'b')], { batchSeq: 2 }));
    await writer.idle();

    expect(told).toEqual(['fenced']);
    expect(cache.names()).toEqual([]);
  });

  it('writes and acknowledges nothing after the database has lost what it wrote', async () => {
    const { cache, told, writer } = setUp();
    cache.hasLostCommits = true;

    writer.enqueue(aBatch([aPod('applied', 'a')]));
    await writer.idle();
    cache.hasLostCommits = false;
    writer.enqueue(aBatch([aPod('applied', 'b')], { batchSeq: 2 }));
    await writer.idle();

    expect(told).toEqual(['commits lost']);
    expect(cache.names()).toEqual([]);
  });

  it('stops in the middle of a commit that does not end', async () => {
    const { cache, told, writer } = setUp();
    cache.hold();
    writer.enqueue(aBatch([aPod('applied', 'a')]));
    await settled();

    writer.stop();
    await writer.idle();

    expect(told).toEqual([]);
  });

  it('writes nothing more when a batch is none, and says so', async () => {
    const { told, writer } = setUp();

    writer.enqueue({ ...aBatch([aPod('applied', 'a')]), uncompressedBytes: 1e6 });
    await writer.idle();

    expect(told[0]).toMatch(/^failed ProtocolError/);
  });

  it('measures changes, and not the objects of a snapshot', async () => {
    const { committed, writer } = setUp();
    writer.enqueue(aBatch(aSnapshot(['a', 'b'], '50'), { batchSeq: 1 }));
    await writer.idle();
    committed.length = 0;

    writer.enqueue(aBatch([aPod('applied', 'c', { readAtMs: 77 })], { batchSeq: 2 }));
    await writer.idle();

    expect(committed.map(({ readAtMs, deltas }) => ({ readAtMs, deltas }))).toEqual([
      { readAtMs: [77], deltas: 1 },
    ]);
  });

  it('tells since when something waits', async () => {
    const { cache, clock, writer } = setUp();
    const release = cache.hold();
    const sinceMs = clock.nowMs();
    writer.enqueue(aBatch([aPod('applied', 'a')]));
    await clock.advance(7000);

    expect(writer.oldestWaitingMs).toBe(sinceMs);
    release();
    await writer.idle();
    expect(writer.oldestWaitingMs).toBeUndefined();
  });

  describe('with two feeds of the same rows', () => {
    it('stores only the first, and lets the batches of the second through', async () => {
      const { cache, told, writer } = setUp();
      const shadowed = writer.openFeed(aFeed(2, { group: 'extensions', version: 'v1beta1' }));

      writer.enqueue(aBatch(aSnapshot(['a'], '50'), { feedId: 1 }));
      writer.enqueue(aBatch(aSnapshot([], '60'), { feedId: 2 }));
      await writer.idle();

      expect(shadowed.shadowedBy).toBe('pods.');
      expect(cache.names()).toEqual(['default/a']);
      expect(acks(told)).toContain('ack 2 1');
    });
  });

  describe('when snapshots of several feeds end', () => {
    const service = (name: string): DeltaRecord => ({
      ...aPod('initApplied', name, { body: { kind: 'Service' } }),
    });
    /** While a unit with nothing to do with it is committed, things wait in the queue. */
    const waiting = async (limits?: UnitLimits) => {
      const world = setUp(limits && { limits });
      world.writer.openFeed(aFeed(2, { resource: 'services', kind: 'Service' }));
      world.writer.openFeed(aFeed(3, { resource: 'nodes', kind: 'Node', namespaced: false }));
      const release = world.cache.hold();
      world.writer.enqueue(aBatch([aMark('init')], { feedId: 3 }));
      await settled();
      return { ...world, release };
    };
    const pods = (names: readonly string[]) => aBatch(aSnapshot(names, '50'), { feedId: 1 });
    const services = (...more: readonly DeltaRecord[]) =>
      aBatch([aMark('init'), service('s'), aMark('initDone', '60'), ...more], { feedId: 2 });

    it('writes their rows in one unit, and their checkpoints in the next', async () => {
      const { cache, writer, release } = await waiting();
      writer.enqueue(pods(['a']));
      writer.enqueue(services());

      release();
      await writer.idle();

      const written = cache.units.slice(1).map(({ upserts, checkpoints }) => ({
        rows: upserts.length,
        checkpoints: checkpoints.map(({ resourceVersion }) => resourceVersion),
      }));
      expect(written).toEqual([
        { rows: 2, checkpoints: ['', ''] },
        { rows: 0, checkpoints: ['50', '60'] },
      ]);
    });

    it('acknowledges a snapshot’s end after the sweep, and what goes before it at once', async () => {
      const { cache, told, writer, release } = await waiting();
      writer.enqueue(aBatch(aSnapshot(['a'], '50').slice(0, -1), { feedId: 1, batchSeq: 1 }));
      writer.enqueue(aBatch([aMark('initDone', '50')], { feedId: 1, batchSeq: 2 }));
      writer.enqueue(aBatch([aMark('init')], { feedId: 2 }));
      cache.committing = () => told.push('commit');

      release();
      await writer.idle();

      const order = told.filter((line) => !line.startsWith('settled'));
      expect(order).toEqual(
        ['commit', 'ack 3 1', 'commit', 'ack 1 1', 'ack 2 1'].concat(['commit', 'ack 1 2']),
      );
    });

    it('takes nothing more of a feed before it is swept, but of others', async () => {
      const { cache, writer, release } = await waiting();
      writer.enqueue(pods(['a']));
      writer.enqueue(aBatch([aPod('applied', 'b')], { feedId: 1, batchSeq: 2 }));
      writer.enqueue(services());

      release();
      await writer.idle();

      const rows = cache.units.map(({ upserts }) => upserts.map(({ id }) => id.split(':').at(-1)));
      expect(rows).toEqual([[], ['a', 's'], [], ['b']]);
    });

    it('ends the unit within a batch that says more of its feed', async () => {
      const { cache, writer, release } = await waiting();
      writer.enqueue(services({ ...service('t'), type: 'applied' }));
      writer.enqueue(pods(['a']));

      release();
      await writer.idle();

      const rows = cache.units.map(({ upserts }) => upserts.map(({ id }) => id.split(':').at(-1)));
      expect(rows).toEqual([[], ['s'], [], ['t', 'a'], []]);
    });

    it('gathers from other feeds while one is swept', async () => {
      const { cache, clock, writer, release } = await waiting({ maxRows: 1, maxBytes: 1e9 });
      const asked = () => writer.feeds().map(({ intake }) => intake.askedSnapshot);
      writer.enqueue(pods(['a']));
      writer.enqueue(services());
      writer.enqueue(aBatch([aMark('initOver')], { feedId: 3, batchSeq: 2 }));
      cache.refusesQuestions = true;

      release();
      for (let unit = 0; unit < 4; unit += 1) await settled();
      expect([checkpointOf(cache)?.resourceVersion, ...asked()]).toEqual(['', 0, 0, 1]);
      cache.refusesQuestions = false;
      await clock.advance(5000);
      await writer.idle();

      expect(checkpointOf(cache)?.resourceVersion).toBe('50');
      expect(checkpointOf(cache, 'services/')?.resourceVersion).toBe('60');
    });

    it('keeps them apart when the first of two units is full', async () => {
      const { cache, writer, release } = await waiting({ maxRows: 1, maxBytes: 1e9 });
      writer.enqueue(pods(['a']));
      writer.enqueue(services());

      release();
      await writer.idle();

      expect(checkpointOf(cache)?.resourceVersion).toBe('50');
      expect(checkpointOf(cache, 'services/')?.resourceVersion).toBe('60');
    });

    it('asks again what the database refused to answer, for every feed', async () => {
      const { cache, clock, told, writer, release } = await waiting();
      writer.enqueue(pods(['a']));
      writer.enqueue(services());
      cache.refusesQuestions = true;

      release();
      await settled();
      expect(told).toContain('database refuses');
      cache.refusesQuestions = false;
      await clock.advance(5000);
      await clock.advance(5000);
      await writer.idle();

      expect(checkpointOf(cache)?.resourceVersion).toBe('50');
      expect(checkpointOf(cache, 'services/')?.resourceVersion).toBe('60');
    });

    it('sweeps before what speaks of feeds as they are', async () => {
      const { cache, writer, release } = await waiting();
      writer.enqueue(pods(['a']));
      const marks = [{ feedId: 2, record: aMark('checkpoint', '900') }];
      writer.enqueueCheckpoints({ marks, bytes: 1 });
      writer.enqueue(services());

      release();
      await writer.idle();

      const versions = cache.units.map(({ checkpoints }) =>
        checkpoints.map(({ resource, resourceVersion }) => `${resource} ${resourceVersion}`),
      );
      expect(versions.slice(1, 4)).toEqual([['pods '], ['pods 50'], ['services 900']]);
    });
  });

  describe('when a feed is opened again by its name', () => {
    it('still writes the batches of the one before', async () => {
      const { cache, told, writer } = setUp();
      const release = cache.hold();
      writer.enqueue(aBatch([aPod('applied', 'a')], { batchSeq: 1 }));
      await settled();
      writer.enqueue(aBatch([aPod('applied', 'b')], { batchSeq: 2 }));

      writer.openFeed(aFeed(2, { version: 'v2' }));
      release();
      await writer.idle();

      expect(cache.names()).toEqual(['default/a', 'default/b']);
      expect(acks(told)).toEqual(['ack 1 1', 'ack 1 2']);
      expect(writer.feeds().map(({ intake }) => intake.feed.feedId)).toEqual([2]);
    });
  });

  describe('when a feed is retired', () => {
    const retirement = { account: 'prod', epoch: 1, group: '', resource: 'pods', kind: 'Pod' };

    it('removes its rows and its checkpoint after the batches before it', async () => {
      const { cache, writer } = setUp();
      writer.enqueue(aBatch(aSnapshot(['a', 'b'], '50')));

      writer.retire({ ...retirement, namespace: '' });
      await writer.idle();

      expect(cache.names()).toEqual([]);
      expect(checkpointOf(cache)).toBeUndefined();
      expect(writer.feeds()).toEqual([]);
    });

    it('keeps the rows that a feed of all namespaces covers', async () => {
      const { cache, writer } = setUp();
      writer.enqueue(aBatch(aSnapshot(['a'], '50')));

      writer.retire({ ...retirement, namespace: 'default' });
      await writer.idle();

      expect(cache.names()).toEqual(['default/a']);
      expect(cache.units.at(-1)?.retired).toMatchObject([{ namespace: 'default' }]);
    });

    it('does not touch a feed of that name that was opened after it', async () => {
      const { cache, writer } = setUp();
      writer.enqueue(aBatch(aSnapshot(['a'], '50')));
      writer.retire({ ...retirement, namespace: '' });
      writer.openFeed(aFeed(2));
      writer.enqueue(aBatch(aSnapshot(['b'], '60'), { feedId: 2 }));

      await writer.idle();

      expect(cache.names()).toEqual(['default/b']);
      expect(checkpointOf(cache)?.resourceVersion).toBe('60');
    });
  });

  describe('with an object put aside', () => {
    const bad = (parts: { uid?: string } = {}) => ({
      ...aPod('applied', 'bad', parts),
      object: Buffer.from('{"kind":"Pod"'),
    });
    const letters = (cache: MemoryCache) => [...cache.letters.values()];
    const replayed = (letter: DeadLetter): ReplayLetter => ({
      ...letter,
      ...{ firstSeenMs: 0, lastSeenMs: 0, attempts: 1, payloadBytes: 0, hasPayload: true },
    });

    it('writes the letter in the transaction that moves the checkpoint past it', async () => {
      const { cache, writer } = setUp();
      const record = bad();

      writer.enqueue(aBatch([record]));
      await writer.idle();

      expect(cache.units).toHaveLength(1);
      expect(cache.units[0]).toMatchObject({
        checkpoints: [{ resourceVersion: record.resourceVersion }],
        deadLetters: {
          put: [
            {
              account: 'prod',
              feed: { group: '', resource: 'pods', namespace: '', kind: 'Pod' },
              type: 'pod',
              rowId: 'kubernetes.v2:infrastructure:pod:prod:default:bad',
              namespace: 'default',
              name: 'bad',
              uid: 'uid-bad',
              resourceVersion: record.resourceVersion,
              operation: 'write',
              reason: 'invalidJson',
            },
          ],
          cleared: [],
        },
      });
      expect(Buffer.from(letters(cache)[0]!.payload).toString()).toBe('{"kind":"Pod"');
    });

    it('keeps the object of a row that the database refuses as it came', async () => {
      const { cache, writer } = setUp();
      cache.poison.add('kubernetes.v2:infrastructure:pod:prod:default:a');
      const pod = aPod('applied', 'a');

      writer.enqueue(aBatch([pod]));
      await writer.idle();

      expect(letters(cache)).toMatchObject([
        { name: 'a', uid: 'uid-a', reason: 'refused', message: 'not this one' },
      ]);
      expect(Buffer.from(letters(cache)[0]!.payload)).toEqual(Buffer.from(pod.object));
    });

    it.each([
      ['a later good version', () => aPod('applied', 'bad')],
      ['its deletion', () => aPod('deleted', 'bad')],
    ])('clears it with %s', async (_what, record) => {
      const { cache, writer } = setUp();
      writer.enqueue(aBatch([bad()], { batchSeq: 1 }));
      await writer.idle();

      writer.enqueue(aBatch([record()], { batchSeq: 2 }));
      await writer.idle();

      expect(letters(cache)).toEqual([]);
    });

    it('writes no letter when a good version follows in the same unit', async () => {
      const { cache, told, writer } = setUp();

      writer.enqueue(aBatch([bad(), aPod('applied', 'bad')]));
      await writer.idle();

      expect(cache.names()).toEqual(['default/bad']);
      expect(told).not.toContain('put aside bad invalidJson kept');
    });

    it('keeps the good version that came before it in the same unit, and the letter', async () => {
      const { cache, writer } = setUp();

      writer.enqueue(aBatch([aPod('applied', 'bad'), bad()]));
      await writer.idle();

      expect(cache.names()).toEqual(['default/bad']);
      expect(letters(cache)).toHaveLength(1);
    });

    it('clears it when a snapshot does not name it, and keeps those that it names', async () => {
      const { cache, writer } = setUp();
      const other = { ...aPod('applied', 'other'), object: Buffer.from('{') };
      writer.enqueue(aBatch([bad(), other], { batchSeq: 1 }));
      await writer.idle();

      const again = [aMark('init'), { ...bad(), type: 'initApplied' as const }];
      writer.enqueue(aBatch([...again, aMark('initDone', '60')], { batchSeq: 2 }));
      await writer.idle();

      expect(letters(cache).map(({ name }) => name)).toEqual(['bad']);
    });

    it('clears it with its feed', async () => {
      const { cache, writer } = setUp();
      writer.enqueue(aBatch([bad()]));
      await writer.idle();

      const retirement = { account: 'prod', epoch: 1, group: '', resource: 'pods', kind: 'Pod' };
      writer.retire({ ...retirement, namespace: '' });
      await writer.idle();

      expect(letters(cache)).toEqual([]);
    });

    it('commits it when it is replayed and would become a row by now', async () => {
      const { cache, writer } = setUp();
      const id = 'kubernetes.v2:infrastructure:pod:prod:default:a';
      cache.poison.add(id);
      writer.enqueue(aBatch([aPod('applied', 'a')]));
      await writer.idle();
      const checkpoint = checkpointOf(cache);
      cache.poison.clear();

      const outcome = await writer.replay(replayed(letters(cache)[0]!));

      expect(outcome).toEqual({ kind: 'committed' });
      expect(cache.names()).toEqual(['default/a']);
      expect(letters(cache)).toEqual([]);
      expect(checkpointOf(cache)).toEqual(checkpoint);
    });

    it('puts it aside again when it still cannot', async () => {
      const { cache, writer } = setUp();
      cache.poison.add('kubernetes.v2:infrastructure:pod:prod:default:a');
      writer.enqueue(aBatch([aPod('applied', 'a'), bad()]));
      await writer.idle();
      const byName = (name: string) => letters(cache).find((letter) => letter.name === name)!;

      expect(await writer.replay(replayed(byName('a')))).toEqual({
        ...{ kind: 'refused', reason: 'refused', message: 'not this one' },
      });
      expect(await writer.replay(replayed(byName('bad')))).toMatchObject({
        ...{ kind: 'refused', reason: 'invalidJson' },
      });
      expect(letters(cache)).toHaveLength(2);
    });

    it('deletes a row when the deletion was what the database refused', async () => {
      const { cache, writer } = setUp();
      const id = 'kubernetes.v2:infrastructure:pod:prod:default:a';
      writer.enqueue(aBatch([aPod('applied', 'a')], { batchSeq: 1 }));
      await writer.idle();
      cache.poison.add(id);
      writer.enqueue(aBatch([aPod('deleted', 'a')], { batchSeq: 2 }));
      await writer.idle();
      expect(letters(cache)).toMatchObject([{ operation: 'delete', name: 'a' }]);
      cache.poison.clear();

      const outcome = await writer.replay(replayed(letters(cache)[0]!));

      expect(outcome).toEqual({ kind: 'committed' });
      expect(cache.names()).toEqual([]);
    });

    it('does not write an older object over a newer one', async () => {
      const { cache, writer } = setUp();
      cache.poison.add('kubernetes.v2:infrastructure:pod:prod:default:a');
      writer.enqueue(aBatch([aPod('applied', 'a')], { batchSeq: 1 }));
      await writer.idle();
      const [old] = letters(cache);
      const release = cache.hold();
      cache.poison.clear();
      const newer = aPod('applied', 'a');
      writer.enqueue(aBatch([newer], { batchSeq: 2 }));
      await settled();

      const outcome = writer.replay(replayed(old!));
      release();

      expect(await outcome).toEqual({ kind: 'superseded' });
      const [body] = cache.bodies.values();
      expect(body?.toString()).toContain(`"resourceVersion":"${newer.resourceVersion}"`);
    });

    it('answers for a letter whose feed is closed, and for one that nobody feeds any more', async () => {
      const { cache, writer } = setUp();
      writer.enqueue(aBatch([bad()]));
      await writer.idle();
      const [letter] = letters(cache);
      const { id, type, rowId, namespace, resourceVersion, reason, message } = letter!;
      const known = { id, type, rowId, namespace, resourceVersion, reason, message };
      const elsewhere = setUp({ deadLetters: [{ ...known, type: 'job' }] });

      const noFeed = await elsewhere.writer.replay(replayed({ ...letter!, type: 'job' }));
      elsewhere.cache.hold();
      elsewhere.writer.enqueue(aBatch([aPod('applied', 'b')]));
      const pending = elsewhere.writer.replay(replayed({ ...letter!, type: 'job' }));
      elsewhere.writer.stop();

      expect(noFeed).toEqual({ kind: 'noFeed' });
      expect(await pending).toEqual({ kind: 'stopped' });
      expect(await elsewhere.writer.replay(replayed(letter!))).toEqual({ kind: 'stopped' });
    });
  });

  describe('what was found beside a feed', () => {
    const foundIn = (pod: ReturnType<typeof aPod>, isThere = true): AheadObject => {
      const { namespace, name, uid, resourceVersion, object } = pod;
      const names = { group: '', resource: 'pods', namespace, name, uid };
      return { ...names, resourceVersion, object: isThere ? object : undefined };
    };
    const watching = async () => {
      const world = setUp();
      world.writer.enqueue(aBatch(aSnapshot(['a'], '50')));
      await world.writer.idle();
      return world;
    };

    it('is committed without moving the checkpoint, which tells of it', async () => {
      const { cache, writer } = await watching();

      const fate = await writer.writeAhead(foundIn(aPod('applied', 'b')));

      expect(fate).toBe('committed');
      expect(cache.names()).toEqual(['default/a', 'default/b']);
      const { resourceVersion, ahead } = checkpointOf(cache)!;
      expect(resourceVersion).toBe('50');
      expect(ahead).toContain(':b"');
    });

    it('is not written when the feed has told as much', async () => {
      const { cache, writer } = await watching();
      const pod = aPod('applied', 'b');
      writer.enqueue(aBatch([pod], { batchSeq: 2 }));
      await writer.idle();
      const units = cache.units.length;

      const fate = await writer.writeAhead(foundIn(pod));

      expect(fate).toBe('passed');
      expect(cache.units.length).toBe(units);
    });

    it('goes before what waits, and what is older is counted and skipped', async () => {
      const { cache, writer, committed } = await watching();
      const older = aPod('applied', 'b');
      const newer = aPod('applied', 'b');

      const fate = writer.writeAhead(foundIn(newer));
      writer.enqueue(aBatch([older], { batchSeq: 2 }));
      await writer.idle();

      expect(await fate).toBe('committed');
      expect(committed.reduce((sum, { outdated }) => sum + outdated, 0)).toBe(1);
      const [body] = [...cache.bodies].filter(([id]) => id.endsWith(':b')).map(([, each]) => each);
      expect(body?.toString()).toContain(`"${newer.resourceVersion}"`);
    });

    it('removes the row of what is not there any more, for good', async () => {
      const { cache, writer } = await watching();
      const late = aPod('applied', 'a');
      const gone = aPod('deleted', 'a');

      const fate = await writer.writeAhead(foundIn(gone, false));
      writer.enqueue(aBatch([late], { batchSeq: 2 }));
      await writer.idle();

      expect(fate).toBe('committed');
      expect(cache.names()).toEqual([]);
    });

    it('waits for the end of a snapshot that is under way', async () => {
      const { writer } = await watching();
      writer.enqueue(aBatch([aMark('init')], { batchSeq: 2 }));
      await writer.idle();

      expect(await writer.writeAhead(foundIn(aPod('applied', 'b')))).toBe('later');
    });

    it('is put aside like any other when the database refuses it', async () => {
      const { cache, writer } = await watching();
      const pod = aPod('applied', 'b');
      cache.poison.add(writer.feeds()[0]!.intake.rowKey(pod).id);

      expect(await writer.writeAhead(foundIn(pod))).toBe('putAside');
      expect(cache.names()).toEqual(['default/a']);
    });

    it('has no feed, no order, or no writer', async () => {
      const { writer } = await watching();
      const pod = foundIn(aPod('applied', 'b'));

      const fates = [
        await writer.writeAhead({ ...pod, resource: 'services' }),
        await writer.writeAhead({ ...pod, resourceVersion: 'x1' }),
      ];
      writer.stop();
      fates.push(await writer.writeAhead(pod));

      expect(fates).toEqual(['noFeed', 'unordered', 'stopped']);
    });

    it('is never more than there is room for', async () => {
      const { cache, writer } = await watching();
      const release = cache.hold();
      const fates = Array.from({ length: 257 }, () =>
        writer.writeAhead(foundIn(aPod('applied', 'b'))),
      );

      const last = await fates[256];
      release();

      expect(last).toBe('later');
      expect(await fates[0]).toBe('committed');
    });
  });
});
