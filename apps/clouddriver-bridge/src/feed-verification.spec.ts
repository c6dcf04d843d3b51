import { setImmediate } from 'node:timers/promises';
import {
  hashObjectVersion,
  placesIn,
  VersionDigest,
  VersionSet,
  type DeltaRecord,
  type DeltaType,
  type KnownObjects,
} from '@fairlead/protocol';
import { type OpenedFeed } from './account-feeds.ts';
import { AccountWriter } from './account-writer.ts';
import { verifyFeed, type VerificationOutcome } from './feed-verification.ts';
import { type BridgeSays } from './link-session.ts';
import { offerKnownRows } from './offer-known-rows.ts';
import { Permits } from './permits.ts';
import { aBatch, aFeed, aMark, aPod } from '../tests/deltas.ts';
import { FakeClock } from '../tests/fake-clock.ts';
import { MemoryCache } from '../tests/memory-cache.ts';

/** A bridge's writer with its database, an agent's feed, and the cluster behind it. */
class World {
  readonly cache = new MemoryCache();
  readonly clock = new FakeClock();
  readonly cluster = new Map<string, DeltaRecord>();
  readonly failures: unknown[] = [];
  /** What the bridge said, but what the agent understands at once. */
  readonly said: BridgeSays[] = [];
  /** Bodies that the agent sent in its last snapshot. */
  sentBodies: string[] = [];
  agentAnswers = true;
  /** How long the comparison waits for deltas, ms. */
  settleMs = 5_000;
  /** What happens every five seconds of a comparison. */
  afterAdvance: () => unknown = () => undefined;
  /** The resourceVersion of the cluster's list. */
  listedAt = '1000000';
  readonly feed: OpenedFeed;
  readonly writer: AccountWriter;
  readonly #permits = new Permits(1);
  #batchSeq = 0;

  constructor() {
    this.writer = new AccountWriter(
      {
        cache: this.cache,
        clock: this.clock,
        permits: this.#permits,
        outlet: {
          acknowledged: () => undefined,
          settled: () => undefined,
          committed: () => undefined,
          putAside: () => undefined,
          databaseRefuses: () => undefined,
          fenced: () => undefined,
          commitsLost: () => undefined,
          failed: (error) => void this.failures.push(error),
          asked: ({ intake }, snapshot) => void this.#offer(intake, snapshot),
        },
      },
      {
        account: 'prod',
        epoch: 1,
        context: { account: 'prod' },
        stored: [],
        deadLetters: [],
      },
    );
    this.feed = this.writer.openFeed(aFeed(1));
  }

  /** Changes an object of the cluster, and sends the delta. */
  async apply(name: string, type: DeltaType = 'applied'): Promise<void> {
    await this.send([this.change(name, type)]);
  }

  /** Changes an object of the cluster; answers the delta, which nobody has sent. */
  change(name: string, type: DeltaType = 'applied'): DeltaRecord {
    const pod = aPod(type, name);
    if (type === 'deleted') this.cluster.delete(name);
    else this.cluster.set(name, { ...pod, type: 'initApplied' });
    return pod;
  }

  async send(records: readonly DeltaRecord[]): Promise<void> {
    this.#batchSeq += 1;
    this.writer.enqueue(aBatch(records, { batchSeq: this.#batchSeq }));
    await this.writer.idle();
  }

  idOf(name: string): string {
    return this.feed.intake.rowKey({ namespace: 'default', name }).id;
  }

  async verify(knownDifference = ''): Promise<VerificationOutcome> {
    const verifying = verifyFeed(
      {
        intake: this.feed.intake,
        epoch: 1,
        flushed: () => this.writer.flushed(),
        send: (message) => this.#hear(message),
        knownDifference,
        settleMs: this.settleMs,
        aside: (waiting) => waiting,
      },
      { cache: this.cache, clock: this.clock, permits: this.#permits },
    );
    let outcome: VerificationOutcome | undefined;
    void verifying.then((value) => (outcome = value));
    for (let turn = 0; turn < 400 && outcome === undefined; turn += 1) {
      await othersRan();
      await this.clock.advance(5_000);
      this.afterAdvance();
    }
    return verifying;
  }

  /** As the agent takes what the bridge says. */
  #hear(message: BridgeSays): void {
    if (!this.agentAnswers) this.said.push(message);
    else if (message.$case === 'verifyFeed') this.#digest(message.value.buckets);
    else if (message.$case === 'relistFeed') void this.relist();
    else if (message.$case === 'knownObjects') void this.#snapshot(message.value);
  }

  async relist(): Promise<void> {
    await this.send([aMark('initOver')]);
  }

  #digest(buckets: number): void {
    const digest = new VersionDigest(buckets);
    for (const object of this.cluster.values()) digest.add(hashObjectVersion(object));
    const objects = this.cluster.size;
    const sums = digest.encode();
    this.writer.takeDigest({
      feedId: 1,
      resourceVersion: this.listedAt,
      objects,
      sums,
      failure: '',
    });
  }

  async #snapshot({ versions }: KnownObjects): Promise<void> {
    const known = new VersionSet(versions);
    const sent = [...this.cluster.values()].filter((each) => !known.meet(hashObjectVersion(each)));
    this.sentBodies = sent.map(({ name }) => name);
    const kept = { ...aMark('keptObjects'), object: known.met() };
    await this.send([
      ...sent,
      ...([...placesIn(known.met(), known.size)].length > 0 ? [kept] : []),
      aMark('initDone', '2000000'),
    ]);
  }

  async #offer(intake: OpenedFeed['intake'], snapshot: number): Promise<void> {
    await offerKnownRows(
      { intake, snapshot, epoch: 1, send: (message) => this.#hear(message) },
      { cache: this.cache, permits: this.#permits },
    );
  }
}

/** Everything that is ready has run, the writer's turns of the event loop included. */
async function othersRan(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate();
}

async function aWorld(...names: string[]): Promise<World> {
  const world = new World();
  for (const name of names) await world.apply(name);
  return world;
}

describe(verifyFeed, () => {
  it('finds rows equal that are what the cluster holds', async () => {
    const world = await aWorld('a', 'b', 'c');

    expect(await world.verify()).toEqual({ kind: 'equal' });
  });

  it.each<[string, (world: World) => void, object]>([
    ['was deleted', (world) => world.cache.rows.delete(world.idOf('b')), { inserted: 1 }],
    ['was changed', (world) => world.cache.unsound.add(world.idOf('b')), { updated: 1 }],
    [
      'is of another version',
      (world) => {
        const id = world.idOf('b');
        const body = world.cache.bodies
          .get(id)!
          .toString()
          .replace(/"uid":"/, '"uid":"x');
        world.cache.bodies.set(id, Buffer.from(body));
      },
      { updated: 1 },
    ],
    [
      'was added',
      (world) => {
        world.cache.rows.set(world.idOf('ghost'), 'pod');
        world.cache.bodies.set(world.idOf('ghost'), world.cache.bodies.get(world.idOf('a'))!);
      },
      { deleted: 1 },
    ],
  ])('repairs a row that %s, and sends nothing else', async (_what, tamper, counts) => {
    const world = await aWorld('a', 'b', 'c');
    tamper(world);

    const outcome = await world.verify();

    const rows = { inserted: 0, updated: 0, deleted: 0, ...counts };
    expect(outcome).toMatchObject({ kind: 'repaired', rows });
    expect(world.sentBodies).toEqual('deleted' in counts ? [] : ['b']);
    expect(world.cache.names()).toEqual(['default/a', 'default/b', 'default/c']);
    expect(world.cache.unsound.size).toBe(0);
    expect(await world.verify()).toEqual({ kind: 'equal' });
    expect(world.failures).toEqual([]);
  });

  it('distrusts rows before it has them written anew', async () => {
    const world = await aWorld('a', 'b');
    world.cache.unsound.add(world.idOf('a'));
    world.cache.units.length = 0;

    await world.verify();

    const distrusted = world.cache.units.flatMap(({ distrusted: rows = [] }) => rows);
    expect(distrusted.map(({ id }) => id)).toContain(world.idOf('a'));
  });

  it('does not repair again what a repair has not mended', async () => {
    const world = await aWorld('a');
    // No row can come of it.
    const poison = { ...aPod('applied', 'b'), object: Buffer.from('{}') };
    world.cluster.set('b', { ...poison, type: 'initApplied' });

    const first = await world.verify();
    const again = await world.verify(first.kind === 'repaired' ? first.difference : '');

    expect(first.kind).toBe('repaired');
    expect(again).toEqual({ kind: 'sameDifference' });
  });

  it('waits for deltas that are as late as a silent watch is noticed', async () => {
    const world = await aWorld('a', 'b');
    world.settleMs = 100_000;
    const late = world.change('c');
    world.listedAt = late.resourceVersion;
    const startMs = world.clock.nowMs();
    let sent: Promise<void> | undefined;
    world.afterAdvance = () => {
      if (world.clock.nowMs() >= startMs + 85_000) sent ??= world.send([late]);
    };

    const outcome = await world.verify();

    expect(outcome).toEqual({ kind: 'equal' });
    expect(world.sentBodies).toEqual([]);
  });

  it('waits no longer when the feed has got past the list', async () => {
    const world = await aWorld('a', 'b');
    world.settleMs = 100_000;
    world.cache.rows.delete(world.idOf('b'));
    const startMs = world.clock.nowMs();
    let sent: Promise<void> | undefined;
    world.afterAdvance = () => (sent ??= world.send([aMark('checkpoint', '1000001')]));

    const outcome = await world.verify();

    expect(outcome.kind).toBe('repaired');
    expect(world.clock.nowMs() - startMs).toBeLessThan(30_000);
  });

  it('takes a difference for one when nothing more comes', async () => {
    const world = await aWorld('a', 'b');
    world.settleMs = 100_000;
    world.cache.rows.delete(world.idOf('b'));
    const startMs = world.clock.nowMs();

    const outcome = await world.verify();

    expect(outcome.kind).toBe('repaired');
    expect(world.clock.nowMs() - startMs).toBeGreaterThanOrEqual(100_000);
  });

  it('does not wait where a row is what no delta explains', async () => {
    const world = await aWorld('a', 'b');
    world.settleMs = 100_000;
    world.cache.unsound.add(world.idOf('b'));
    const startMs = world.clock.nowMs();

    const outcome = await world.verify();

    expect(outcome.kind).toBe('repaired');
    expect(world.clock.nowMs() - startMs).toBeLessThan(30_000);
  });

  it('gives up when the agent does not answer, and leaves the feed alone', async () => {
    const world = await aWorld('a');
    world.agentAnswers = false;

    const outcome = await world.verify();

    expect(outcome).toEqual({ kind: 'failed', reason: 'the cluster did not answer in time' });
    expect(world.said.map(({ $case }) => $case)).toEqual(['verifyFeed']);
    expect(world.feed.intake.audit).toBeUndefined();
  });

  it('gives up when a snapshot begins meanwhile', async () => {
    const world = await aWorld('a');
    world.agentAnswers = false;
    const verifying = world.verify();
    await othersRan();

    await world.send([aMark('init')]);

    expect(await verifying).toEqual({ kind: 'failed', reason: 'a snapshot begins' });
  });
});

describe('a snapshot over stored rows', () => {
  it('sweeps what the agent neither sent nor kept', async () => {
    const world = await aWorld('a', 'b', 'c');
    world.cluster.delete('b');

    await world.relist();
    await othersRan();
    await world.writer.idle();

    expect(world.sentBodies).toEqual([]);
    expect(world.cache.names()).toEqual(['default/a', 'default/c']);
    expect(world.cache.checkpoints.get('pods/')?.resourceVersion).toBe('2000000');
  });

  it('writes anew what is not what was written, though its hash says otherwise', async () => {
    const world = await aWorld('a', 'b');
    world.cache.unsound.add(world.idOf('a'));

    await world.relist();
    await othersRan();
    await world.writer.idle();

    expect(world.sentBodies).toEqual(['a']);
    expect(world.cache.unsound.size).toBe(0);
  });

  it('begins anew with what is stored by then', async () => {
    const world = await aWorld('a', 'b');
    world.agentAnswers = false;
    await world.relist();
    await othersRan();
    await world.send([aPod('initApplied', 'a')]);
    const later = [...world.cache.units].at(-1)!.upserts[0]!;
    world.cluster.set('a', {
      ...world.cluster.get('a')!,
      resourceVersion: later.resourceVersion,
      object: world.cluster.get('a')!.object,
    });

    world.agentAnswers = true;
    await world.relist();
    await othersRan();
    await world.writer.idle();

    expect(world.sentBodies).toEqual([]);
    expect(world.cache.names()).toEqual(['default/a', 'default/b']);
  });

  it('takes nothing for kept that nobody had told of', async () => {
    const world = await aWorld('a');

    await world.send([
      aMark('init'),
      { ...aMark('keptObjects'), object: Uint8Array.of(1) },
      aMark('initDone', '9'),
    ]);

    expect(world.failures).toEqual([expect.objectContaining({ code: 'badDigest' })]);
    expect(world.cache.names()).toEqual(['default/a']);
  });
});
