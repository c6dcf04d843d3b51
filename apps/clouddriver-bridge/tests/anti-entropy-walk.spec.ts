// Whatever happens between a cluster, its agent, a bridge and its database, people who change rows by
// hand included: once everything has settled and was compared, SQL is what the cluster holds, and on
// the way no row that nobody touched goes back in version. WALKS says how many walks.
import { setImmediate } from 'node:timers/promises';
import {
  hashObjectVersion,
  VersionDigest,
  VersionSet,
  type DeltaRecord,
  type KnownObjects,
} from '@fairlead/protocol';
import { type StoredFeed } from '@fairlead/sql-cache';
import fc from 'fast-check';
import { type OpenedFeed } from '../src/account-feeds.ts';
import { AccountWriter } from '../src/account-writer.ts';
import { verifyFeed, type VerificationOutcome } from '../src/feed-verification.ts';
import { type BridgeSays } from '../src/link-session.ts';
import { offerKnownRows } from '../src/offer-known-rows.ts';
import { Permits } from '../src/permits.ts';
import { aBatch, aFeed, aMark, aPod } from './deltas.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryCache } from './memory-cache.ts';

const walks = Number(process.env.WALKS ?? 150);

const steps = fc.array(
  fc.record({
    what: fc.constantFrom(
      ...(['apply', 'apply', 'apply', 'delete', 'deliver', 'deliver', 'deliver'] as const),
      ...(['rowDeleted', 'rowChanged', 'rowAdded', 'verify', 'expire', 'breakLink'] as const),
      ...(['holdCommits', 'letCommit', 'tick', 'turn', 'turn'] as const),
    ),
    name: fc.nat(6),
  }),
  { minLength: 20, maxLength: 70 },
);

/** One agent with one feed, as the bridge sees it: deltas in order, snapshots, answers. */
class Agent {
  /** Deltas that the bridge has not got. */
  readonly onTheWay: DeltaRecord[][] = [];
  readonly #world: World;
  #isListing = false;

  constructor(world: World, isNew: boolean) {
    this.#world = world;
    if (isNew) this.list('init');
  }

  /** A change of the cluster; while it lists, the list knows of it. */
  changed(delta: DeltaRecord): void {
    if (!this.#isListing) this.onTheWay.push([delta]);
  }

  /** Takes a snapshot; over stored rows it waits to be told what is stored. */
  list(type: 'init' | 'initOver'): void {
    if (this.#isListing) return;
    this.#isListing = type === 'initOver';
    this.onTheWay.push([aMark(type)]);
    if (type === 'init') this.#sendSnapshot(new VersionSet(new Uint8Array(0)));
  }

  hear(message: BridgeSays): void {
    if (message.$case === 'verifyFeed') this.#digest(message.value.buckets);
    else if (message.$case === 'relistFeed') this.list('initOver');
    else if (message.$case === 'knownObjects') this.#told(message.value);
  }

  #told({ versions }: KnownObjects): void {
    if (!this.#isListing) return;
    this.#sendSnapshot(new VersionSet(versions));
    this.#isListing = false;
  }

  #sendSnapshot(known: VersionSet): void {
    const objects = [...this.#world.cluster.values()];
    const sent = objects.filter((object) => !known.meet(hashObjectVersion(object)));
    for (const object of sent) this.onTheWay.push([object]);
    const kept = { ...aMark('keptObjects'), object: known.met() };
    const end = aMark('initDone', this.#world.version);
    this.onTheWay.push(known.metCount > 0 ? [kept, end] : [end]);
  }

  #digest(buckets: number): void {
    const digest = new VersionDigest(buckets);
    for (const object of this.#world.cluster.values()) digest.add(hashObjectVersion(object));
    const answer = { feedId: 1, resourceVersion: this.#world.version, failure: '' };
    const objects = this.#world.cluster.size;
    this.#world.writer.takeDigest({ ...answer, objects, sums: digest.encode() });
  }
}

class World {
  readonly cluster = new Map<string, DeltaRecord>();
  readonly cache = new MemoryCache();
  readonly failures: unknown[] = [];
  writer!: AccountWriter;
  version = '100';
  readonly #clock = new FakeClock();
  readonly #permits = new Permits(1);
  /** Newest version that was seen of each row that nobody has changed by hand. */
  readonly #newest = new Map<string, number>();
  #feed!: OpenedFeed;
  #agent!: Agent;
  #batchSeq = 0;
  #verifying: Promise<VerificationOutcome> | undefined;

  constructor() {
    this.#connect();
  }

  async step(what: string, index: number): Promise<void> {
    const name = `n${index}`;
    const id = this.#feed.intake.rowKey({ namespace: 'default', name }).id;
    switch (what) {
      case 'apply':
      case 'delete':
        this.#change(what, name);
        break;
      case 'deliver':
        this.#deliver();
        break;
      case 'rowDeleted':
        this.cache.rows.delete(id);
        this.cache.unsound.delete(id);
        this.#newest.delete(id);
        break;
      case 'rowChanged':
        if (this.cache.rows.has(id)) this.cache.unsound.add(id);
        break;
      case 'rowAdded':
        this.#addRow(`${name}-ghost`);
        break;
      case 'verify':
        this.#verify();
        break;
      case 'expire':
        this.#agent.list('initOver');
        break;
      case 'breakLink':
        this.#connect();
        break;
      case 'holdCommits':
        this.cache.hold();
        break;
      case 'letCommit':
        this.cache.letGo();
        break;
      case 'tick':
        await this.#clock.advance(5_000);
        break;
    }
    await othersRan(1);
    this.#checkTheWay();
  }

  /** Lets everything come to its end, compares, and compares again. */
  async settle(): Promise<VerificationOutcome | undefined> {
    let outcome: VerificationOutcome | undefined;
    this.cache.letGo();
    // What was under way knows nothing of what was done since; then one repairs, the next is content.
    for (let round = 0; round < 5 && !(round > 1 && outcome?.kind === 'equal'); round += 1) {
      if (round > 0) this.#verify();
      const verifying = this.#verifying;
      let isDone = verifying === undefined;
      void verifying?.then((value) => {
        outcome = value;
        isDone = true;
      });
      for (let turn = 0; turn < 400 && !(turn > 20 && isDone && this.#isQuiet); turn += 1) {
        this.#deliver();
        await othersRan(3);
        await this.#clock.advance(5_000);
      }
      this.#checkTheWay();
    }
    return outcome;
  }

  names(): readonly string[] {
    return [...this.cluster.keys()].map((name) => `default/${name}`).sort();
  }

  get #isQuiet(): boolean {
    return this.#agent.onTheWay.length === 0;
  }

  /** A new link: the agent goes on from the checkpoint, and what was not acknowledged comes again. */
  #connect(): void {
    (this.writer as AccountWriter | undefined)?.stop();
    this.#verifying = undefined;
    const checkpoint = this.cache.checkpoints.get('pods/');
    const nothing = { updatedAtMs: 0, policy: '', ahead: '' };
    const stored: StoredFeed[] = checkpoint === undefined ? [] : [{ ...nothing, ...checkpoint }];
    this.writer = this.#newWriter(stored);
    this.#feed = this.writer.openFeed(aFeed(1));
    this.#batchSeq = 0;
    this.#agent = new Agent(this, stored.length === 0);
    // The watch cannot go on in this small world, so that the feed lists over what is stored.
    if (stored.length > 0) this.#agent.list('initOver');
  }

  #newWriter(stored: readonly StoredFeed[]): AccountWriter {
    const ignore = (): undefined => undefined;
    return new AccountWriter(
      {
        cache: this.cache,
        clock: this.#clock,
        permits: this.#permits,
        outlet: {
          ...{ acknowledged: ignore, settled: ignore, committed: ignore, putAside: ignore },
          ...{ databaseRefuses: ignore, fenced: ignore, commitsLost: ignore },
          failed: (error) => void this.failures.push(error),
          asked: ({ intake }, snapshot) => void this.#offer(intake, snapshot),
        },
      },
      { account: 'prod', epoch: 1, context: { account: 'prod' }, stored, deadLetters: [] },
    );
  }

  async #offer(intake: OpenedFeed['intake'], snapshot: number): Promise<void> {
    const agent = this.#agent;
    await offerKnownRows(
      { intake, snapshot, epoch: 1, send: (message) => agent.hear(message) },
      { cache: this.cache, permits: this.#permits },
    );
  }

  #change(what: 'apply' | 'delete', name: string): void {
    if (what === 'delete' && !this.cluster.has(name)) return;
    const pod = aPod(what === 'apply' ? 'applied' : 'deleted', name);
    this.version = pod.resourceVersion;
    if (what === 'apply') this.cluster.set(name, { ...pod, type: 'initApplied' });
    else this.cluster.delete(name);
    this.#agent.changed(pod);
  }

  #deliver(): void {
    const records = this.#agent.onTheWay.shift();
    if (records === undefined) return;
    this.#batchSeq += 1;
    this.writer.enqueue(aBatch(records, { batchSeq: this.#batchSeq }));
  }

  #addRow(name: string): void {
    const [original] = this.cache.bodies;
    if (original === undefined) return;
    const { id } = this.#feed.intake.rowKey({ namespace: 'default', name });
    this.cache.rows.set(id, 'pod');
    this.cache.bodies.set(id, original[1]);
  }

  #verify(): void {
    if (this.#verifying !== undefined || this.#feed.intake.isInSnapshot) return;
    const [agent, writer] = [this.#agent, this.writer];
    const verifying = verifyFeed(
      {
        intake: this.#feed.intake,
        epoch: 1,
        flushed: () => writer.flushed(),
        send: (message) => agent.hear(message),
        knownDifference: '',
        settleMs: 5_000,
        aside: (waiting) => waiting,
      },
      { cache: this.cache, clock: this.#clock, permits: this.#permits },
    );
    this.#verifying = verifying;
    void verifying.then(() => {
      if (this.#verifying === verifying) this.#verifying = undefined;
    });
  }

  #checkTheWay(): void {
    expect(this.failures).toEqual([]);
    for (const id of this.cache.rows.keys()) {
      if (id.endsWith('-ghost')) continue;
      const body = this.cache.bodies.get(id)?.toString() ?? '';
      const version = Number(/"resourceVersion":"(\d+)"/.exec(body)?.[1] ?? 0);
      expect(version).toBeGreaterThanOrEqual(this.#newest.get(id) ?? 0);
      this.#newest.set(id, version);
    }
  }
}

async function othersRan(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await setImmediate();
}

describe('a walk through changes, hands, comparisons, snapshots and lost links', () => {
  it(`ends with what the cluster holds, ${walks} times`, async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const world = new World();
        for (const { what, name } of taken) await world.step(what, name);

        const outcome = await world.settle();

        expect(outcome).toEqual({ kind: 'equal' });
        expect(world.cache.names()).toEqual(world.names());
        expect(world.cache.unsound.size).toBe(0);
        for (const [name, object] of world.cluster) {
          const id = `kubernetes.v2:infrastructure:pod:prod:default:${name}`;
          const body = world.cache.bodies.get(id)?.toString();
          expect(body).toContain(`"resourceVersion":"${object.resourceVersion}"`);
        }
      }),
      { numRuns: walks, seed: 27 },
    );
  }, 120_000);
});
