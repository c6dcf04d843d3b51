/** First snapshots whose units are sent behind one another, some in vain: as if each had waited. */
import fc from 'fast-check';
import { setImmediate } from 'node:timers/promises';
import { type DeltaRecord } from '@fairlead/protocol';
import { AccountWriter } from '../src/account-writer.ts';
import { Permits } from '../src/permits.ts';
import { aBatch, aFeed, aMark, aPod } from './deltas.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryCache } from './memory-cache.ts';

const walks = 300;
const feeds = [
  aFeed(1),
  aFeed(2, { resource: 'configmaps', kind: 'ConfigMap' }),
  aFeed(3, { group: 'example.com', resource: 'crontabs', kind: 'CronTab' }),
];

type Step =
  | { readonly kind: 'bring'; readonly feed: number; readonly names: readonly number[] }
  | { readonly kind: 'end'; readonly feed: number }
  | { readonly kind: 'turn' | 'hold' | 'let' };

const feed = fc.nat(feeds.length - 1);
const names = fc.uniqueArray(fc.nat(80), { minLength: 4, maxLength: 12 });
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('bring' as const), feed, names }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), feed }) },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constantFrom('turn', 'turn', 'hold', 'hold', 'let') }),
    },
  ),
  { minLength: 10, maxLength: 40 },
);
/** Which units come to nothing that are sent behind another, by turns. */
const losses = fc.array(fc.boolean(), { minLength: 1, maxLength: 5 });

/** What a writer is told. */
type Message =
  | { readonly kind: 'batch'; readonly feedId: number; readonly records: readonly DeltaRecord[] }
  | { readonly kind: 'turn' | 'hold' | 'let' };

/** What agents would say: objects of each feed's first snapshot, and changes after it. */
function messagesOf(taken: readonly Step[]): readonly Message[] {
  const begun = new Set<number>();
  const ended = new Set<number>();
  return taken.flatMap((step): readonly Message[] => {
    if (step.kind !== 'bring' && step.kind !== 'end') return [{ kind: step.kind }];
    const { feedId, kind, group, version } = feeds[step.feed] ?? aFeed(1);
    if (step.kind === 'end') {
      if (ended.has(feedId) || !begun.has(feedId)) return [];
      ended.add(feedId);
      return [{ kind: 'batch', feedId, records: [aMark('initDone', '7')] }];
    }
    const body = { kind, apiVersion: group === '' ? version : `${group}/${version}` };
    const type = ended.has(feedId) ? 'applied' : 'initApplied';
    const records = step.names.map((name) => aPod(type, `n${name}`, { body, readAtMs: 1 }));
    const marks = begun.has(feedId) ? [] : [aMark('init')];
    begun.add(feedId);
    return [{ kind: 'batch', feedId, records: [...marks, ...records] }];
  });
}

/** One writer, and what was acknowledged before it was in the database. */
class World {
  readonly cache = new MemoryCache();
  readonly wrong: string[] = [];
  readonly #writer: AccountWriter;
  readonly #seqs = new Map<number, number>();
  /** Names of the objects in a batch, by feed and number. */
  readonly #brings = new Map<string, readonly string[]>();

  constructor(maxRows: number, isPoisoned: boolean) {
    const nothing = (): undefined => undefined;
    this.#writer = new AccountWriter(
      {
        ...{ cache: this.cache, clock: new FakeClock(), permits: new Permits(2) },
        limits: { maxRows, maxBytes: 1e9 },
        outlet: {
          ...{ settled: nothing, committed: nothing, asked: nothing, putAside: nothing },
          acknowledged: (batches) => {
            for (const [feedId, batchSeq] of batches) this.#checkAcknowledged(feedId, batchSeq);
          },
          databaseRefuses: () => this.wrong.push('the database refuses'),
          fenced: () => this.wrong.push('fenced'),
          commitsLost: () => this.wrong.push('commits lost'),
          failed: (error) => this.wrong.push(`failed: ${String(error)}`),
        },
      },
      { account: 'prod', epoch: 1, context: { account: 'prod' }, stored: [], deadLetters: [] },
    );
    for (const each of feeds) this.#writer.openFeed(each);
    if (isPoisoned) this.cache.poison.add(idOf('pod', 'n7'));
  }

  async take(message: Message): Promise<void> {
    switch (message.kind) {
      case 'batch':
        this.#send(message.feedId, message.records);
        break;
      case 'turn':
        await setImmediate();
        break;
      case 'hold':
        this.cache.hold();
        break;
      case 'let':
        this.cache.letGo();
    }
  }

  async settle(): Promise<void> {
    this.cache.letGo();
    await this.#writer.idle();
  }

  state() {
    const { rows, letters, checkpoints } = this.cache;
    const versions = [...rows.keys()].map((id) => `${id} ${this.#versionOf(id)}`);
    const at = [...checkpoints].map(([key, { resourceVersion }]) => `${key} ${resourceVersion}`);
    return { rows: versions.sort(), letters: [...letters.keys()].sort(), at: at.sort() };
  }

  #send(feedId: number, records: readonly DeltaRecord[]): void {
    const batchSeq = (this.#seqs.get(feedId) ?? 0) + 1;
    this.#seqs.set(feedId, batchSeq);
    const brought = records.map(({ name }) => name).filter((name) => name !== '');
    this.#brings.set(`${feedId}/${batchSeq}`, brought);
    this.#writer.enqueue(aBatch(records, { feedId, batchSeq }));
  }

  #checkAcknowledged(feedId: number, batchSeq: number): void {
    const type = types.get(feedId) ?? '';
    for (const name of this.#brings.get(`${feedId}/${batchSeq}`) ?? []) {
      const id = idOf(type, name);
      const isThere = this.cache.rows.has(id) || this.cache.poison.has(id);
      if (!isThere) this.wrong.push(`acknowledged without ${id}`);
    }
  }

  #versionOf(id: string): string {
    const body = this.cache.bodies.get(id)?.toString() ?? '';
    return /"resourceVersion":"(\d+)"/.exec(body)?.[1] ?? '';
  }
}

const types: ReadonlyMap<number, string> = new Map([
  [1, 'pod'],
  [2, 'configMap'],
  [3, 'CronTab.example.com'],
]);

function idOf(type: string, name: string): string {
  return `kubernetes.v2:infrastructure:${type}:prod:default:${name}`;
}

describe('units of new rows that are sent behind one another', () => {
  it('come to the same as one after the other', async () => {
    const seen = { behind: 0, lost: 0 };
    const maxRows = fc.integer({ min: 1, max: 5 });
    await fc.assert(
      fc.asyncProperty(
        steps,
        maxRows,
        losses,
        fc.boolean(),
        async (taken, rows, lost, poisoned) => {
          const messages = messagesOf(taken);
          const mixed = new World(rows, poisoned);
          let sent = 0;
          mixed.cache.losesBehind = () => lost[(sent += 1) % lost.length] === true;
          for (const message of messages) await mixed.take(message);
          await mixed.settle();

          const inOrder = new World(500, poisoned);
          for (const message of messages.filter(({ kind }) => kind !== 'hold')) {
            await inOrder.take(message);
            await inOrder.settle();
          }

          expect([...mixed.wrong, ...inOrder.wrong]).toEqual([]);
          expect(mixed.state()).toEqual(inOrder.state());
          for (const isCommitted of mixed.cache.sentBehind)
            seen[isCommitted ? 'behind' : 'lost'] += 1;
        },
      ),
      { numRuns: walks, seed: 69 },
    );
    expect(Math.min(seen.behind, seen.lost)).toBeGreaterThan(walks / 10);
  }, 60_000);
});
