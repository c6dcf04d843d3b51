// However the batches of several feeds come to lie in a queue, with snapshots, changes and
// retirements, and wherever units end: rows, checkpoints and letters are those that come of one batch
// after the other. On the way, a checkpoint that ends a snapshot stands for just the rows that it
// named, and what is acknowledged is committed. WALKS says how many walks.
import { setImmediate } from 'node:timers/promises';
import { type DeltaRecord, type OpenFeed } from '@fairlead/protocol';
import { type FeedCheckpoint, type StoredFeed } from '@fairlead/sql-cache';
import fc from 'fast-check';
import { AccountWriter } from '../src/account-writer.ts';
import { Permits } from '../src/permits.ts';
import { feedKey } from '../src/unit-builder.ts';
import { aBatch, aFeed, aMark, aPod } from './deltas.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryCache } from './memory-cache.ts';

const walks = Number(process.env.WALKS ?? 500);

const services = { resource: 'services', kind: 'Service' };
/** Two of them write rows of one type, and one those of a kind that Clouddriver finds for itself. */
const feeds: readonly OpenFeed[] = [
  aFeed(1),
  aFeed(2, { ...services, namespace: 'a' }),
  aFeed(3, { ...services, namespace: 'b' }),
  aFeed(4, { group: 'example.com', resource: 'crontabs', kind: 'CronTab' }),
];

const steps = fc.array(
  fc.record({
    what: fc.constantFrom(
      ...(['begin', 'begin', 'bring', 'bring', 'end', 'end', 'end', 'endAndChange'] as const),
      ...(['whole', 'whole', 'apply', 'apply', 'delete', 'bookmark', 'retire'] as const),
      ...(['turn', 'turn', 'holdCommits', 'letCommit'] as const),
    ),
    feed: fc.nat(feeds.length - 1),
    names: fc.uniqueArray(fc.nat(5), { maxLength: 4 }),
  }),
  { minLength: 10, maxLength: 60 },
);
type Step = (typeof steps extends fc.Arbitrary<infer T> ? T : never)[number];

/** What a writer is told. */
type Message =
  | { readonly kind: 'batch'; readonly feedId: number; readonly records: readonly DeltaRecord[] }
  | { readonly kind: 'bookmark'; readonly feedId: number; readonly record: DeltaRecord }
  | { readonly kind: 'retire'; readonly feed: OpenFeed }
  | { readonly kind: 'turn' | 'holdCommits' | 'letCommit' };

/** What agents would say, and what each snapshot named: `name version`, by the version of its end. */
class Script {
  readonly messages: Message[] = [];
  readonly named = new Map<string, readonly string[]>();
  readonly #inSnapshot = new Map<number, Map<string, string>>();
  readonly #retired = new Set<number>();

  constructor(taken: readonly Step[]) {
    for (const step of taken) this.#add(step);
  }

  #add({ what, feed: index, names }: Step): void {
    const feed = feeds[index];
    if (feed === undefined || this.#retired.has(feed.feedId)) return;
    const { feedId } = feed;
    const isInSnapshot = this.#inSnapshot.has(feedId);
    switch (what) {
      case 'begin':
        this.#send(feedId, [this.#begin(feedId), ...this.#objects(feed, names)]);
        break;
      case 'whole': {
        const records = [this.#begin(feedId), ...this.#objects(feed, names)];
        this.#send(feedId, [...records, ...this.#end(feedId)]);
        break;
      }
      case 'bring':
      case 'apply':
        this.#send(feedId, this.#objects(feed, names));
        break;
      case 'end':
        this.#send(feedId, this.#end(feedId));
        break;
      case 'endAndChange':
        this.#send(feedId, [...this.#end(feedId), ...this.#objects(feed, names)]);
        break;
      case 'delete':
        if (!isInSnapshot)
          this.#send(
            feedId,
            names.map((name) => object(feed, 'deleted', name)),
          );
        break;
      case 'bookmark':
        if (isInSnapshot) break;
        this.messages.push({ kind: what, feedId, record: aMark('checkpoint', nextVersion()) });
        break;
      case 'retire':
        this.#retired.add(feedId);
        this.messages.push({ kind: what, feed });
        break;
      default:
        this.messages.push({ kind: what });
    }
  }

  #send(feedId: number, records: readonly DeltaRecord[]): void {
    if (records.length > 0) this.messages.push({ kind: 'batch', feedId, records });
  }

  #begin(feedId: number): DeltaRecord {
    this.#inSnapshot.set(feedId, new Map());
    return aMark('init');
  }

  #objects(feed: OpenFeed, names: readonly number[]): readonly DeltaRecord[] {
    const named = this.#inSnapshot.get(feed.feedId);
    return names.map((name) => {
      const record = object(feed, named === undefined ? 'applied' : 'initApplied', name);
      named?.set(record.name, record.resourceVersion);
      return record;
    });
  }

  #end(feedId: number): readonly DeltaRecord[] {
    const named = this.#inSnapshot.get(feedId);
    if (named === undefined) return [];
    this.#inSnapshot.delete(feedId);
    const end = aMark('initDone', nextVersion());
    const rows = [...named].map(([name, version]) => `${name} ${version}`);
    this.named.set(end.resourceVersion, rows.sort());
    return [end];
  }
}

function nextVersion(): string {
  return aPod('applied', 'x').resourceVersion;
}

function object(feed: OpenFeed, type: 'initApplied' | 'applied' | 'deleted', name: number) {
  const { namespace } = feed;
  const apiVersion = feed.group === '' ? feed.version : `${feed.group}/${feed.version}`;
  const body = { kind: feed.kind, apiVersion };
  return aPod(type, `n${name}`, { namespace: namespace || 'default', body, readAtMs: 1 });
}

/** One writer, and what is wrong on its way. */
class World {
  readonly cache = new MemoryCache();
  readonly wrong: string[] = [];
  readonly #script: Script;
  readonly #writer: AccountWriter;
  /** Of each feed, by batch: the version that a batch outside of snapshots leads to. */
  readonly #leadsTo = new Map<string, number>();
  readonly #seqs = new Map<number, number>();
  readonly #retired = new Set<number>();
  #claims: readonly FeedCheckpoint[] = [];

  constructor(script: Script, maxRows: number) {
    this.#script = script;
    const { cache } = this;
    const nothing = (): undefined => undefined;
    this.#writer = new AccountWriter(
      {
        ...{ cache, clock: new FakeClock(), permits: new Permits(3) },
        limits: { maxRows, maxBytes: 1e9 },
        outlet: {
          ...{ settled: nothing, committed: nothing, asked: nothing, putAside: nothing },
          acknowledged: (batches) => {
            for (const [feedId, seq] of batches) this.#checkAcknowledged(feedId, seq);
          },
          databaseRefuses: () => this.wrong.push('the database refuses'),
          fenced: () => this.wrong.push('fenced'),
          commitsLost: () => this.wrong.push('commits lost'),
          failed: (error) => this.wrong.push(`failed: ${String(error)}`),
        },
      },
      { account: 'prod', epoch: 1, context: { account: 'prod' }, stored, deadLetters: [] },
    );
    for (const feed of feeds) {
      const { intake } = this.#writer.openFeed(feed);
      this.#addStrays(intake.type, [intake.agent, strayAgent], feed.namespace);
    }
    cache.poison.add(this.#idOf('pod', 'default', 'n5'));
    cache.committing = ({ checkpoints }) => {
      this.#checkClaims();
      this.#claims = checkpoints;
    };
  }

  async take(message: Message): Promise<void> {
    switch (message.kind) {
      case 'batch':
        this.#enqueue(message);
        break;
      case 'bookmark':
        this.#writer.enqueueCheckpoints({ marks: [message], bytes: 1 });
        break;
      case 'retire': {
        const { group, resource, kind, namespace, feedId } = message.feed;
        this.#retired.add(feedId);
        this.#writer.retire({ account: 'prod', epoch: 1, group, resource, kind, namespace });
        break;
      }
      case 'turn':
        await setImmediate();
        break;
      case 'holdCommits':
        this.cache.hold();
        break;
      case 'letCommit':
        this.cache.letGo();
    }
  }

  async settle(): Promise<void> {
    this.cache.letGo();
    await this.#writer.idle();
    this.#checkClaims();
  }

  state() {
    const checkpoints = [...this.cache.checkpoints.values()].map(
      (each) => `${feedKey(each)} ${each.resourceVersion}`,
    );
    const rows = [...this.cache.rows.keys()].map((id) => `${id} ${this.#versionIn(id)}`);
    const letters = [...this.cache.letters.values()].map(
      ({ rowId, resourceVersion }) => `${rowId} ${resourceVersion}`,
    );
    return { rows: rows.sort(), checkpoints: checkpoints.sort(), letters: letters.sort() };
  }

  #enqueue({ feedId, records }: Message & { readonly kind: 'batch' }): void {
    const batchSeq = (this.#seqs.get(feedId) ?? 0) + 1;
    this.#seqs.set(feedId, batchSeq);
    const last = records.at(-1);
    const isInSnapshot = last?.type === 'init' || last?.type === 'initApplied';
    if (!isInSnapshot) this.#leadsTo.set(`${feedId} ${batchSeq}`, Number(last?.resourceVersion));
    this.#writer.enqueue(aBatch(records, { feedId, batchSeq }));
  }

  #checkAcknowledged(feedId: number, seq: number): void {
    const feed = feeds.find((each) => each.feedId === feedId);
    if (feed === undefined || this.#retired.has(feedId)) return;
    const { resourceVersion } = this.cache.checkpoints.get(keyIn(feed)) ?? { resourceVersion: '' };
    const wanted = this.#leadsTo.get(`${feedId} ${seq}`) ?? 0;
    if (Number(resourceVersion) < wanted) this.wrong.push(`acknowledged too early: ${feedId}`);
  }

  /** The rows behind the newest unit, if a snapshot ended with it. */
  #checkClaims(): void {
    for (const { type, namespace, resourceVersion } of this.#claims) {
      const named = this.#script.named.get(resourceVersion);
      if (named === undefined) continue;
      const rows = [...this.cache.rows]
        .filter(([id, of]) => of === type && (namespace === '' || id.includes(`:${namespace}:`)))
        .map(([id]) => `${id.split(':').at(-1) ?? ''} ${this.#versionIn(id)}`);
      const wanted = named.filter((row) => type !== 'pod' || !row.startsWith('n5 '));
      if (rows.sort().join() !== wanted.join()) {
        this.wrong.push(`${type}: ${rows.join()} instead of ${wanted.join()}`);
      }
    }
    this.#claims = [];
  }

  /** Rows that nobody names. */
  #addStrays(type: string, agents: readonly string[], namespace: string): void {
    for (const [at, agent] of agents.entries()) {
      const isOthers = agent === strayAgent;
      if (isOthers && !type.includes('.')) continue;
      const id = this.#idOf(type, namespace || 'default', `stray-${at}`);
      this.cache.rows.set(id, type);
      this.cache.agents.set(id, agent);
    }
  }

  #idOf(type: string, namespace: string, name: string): string {
    return `kubernetes.v2:infrastructure:${type}:prod:${namespace}:${name}`;
  }

  #versionIn(id: string): string {
    const body = this.cache.bodies.get(id)?.toString() ?? '';
    return /"resourceVersion":"(\d+)"/.exec(body)?.[1] ?? '';
  }
}

const strayAgent = 'prod/KubernetesUnregisteredCustomResourceCachingAgent[1/1]';
const stored: readonly StoredFeed[] = [];

function keyIn({ resource, namespace }: OpenFeed): string {
  return `${resource}/${namespace}`;
}

describe('feeds whose snapshots end', () => {
  it('come to the same as one batch after the other', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 8 }), async (taken, maxRows) => {
        const script = new Script(taken);
        const mixed = new World(script, maxRows);
        for (const message of script.messages) await mixed.take(message);
        await mixed.settle();

        const inOrder = new World(script, 500);
        for (const message of script.messages) {
          if (message.kind === 'holdCommits') continue;
          await inOrder.take(message);
          await inOrder.settle();
        }

        expect([...mixed.wrong, ...inOrder.wrong]).toEqual([]);
        expect(mixed.state()).toEqual(inOrder.state());
      }),
      { numRuns: walks, seed: 67 },
    );
  }, 60_000);
});
