import {
  codecFromWire,
  decodeDeltaBatch,
  PartAssembler,
  unpackBatch,
  type DeltaRecord,
} from '@fairlead/protocol';
import type { ScannedObject } from '@fairlead/secret-scrubber';
import type { Delta, FeedKey } from '@fairlead/watch-engine';
import fc from 'fast-check';
import { AccountCredit } from './account-credit.ts';
import { ByteBudget } from './byte-budget.ts';
import { FeedSender, snapshotLingerMs, type OversizedObject } from './feed-sender.ts';
import type { AgentMessageBody, Link } from './link.ts';

const feed: FeedKey = {
  group: '',
  version: 'v1',
  resource: 'pods',
  kind: 'Pod',
  namespaced: true,
  namespace: '',
};

/** Lets everything that is ready run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A link whose stream takes messages only while it is open, and a bridge at its end. */
class TestLink implements Link {
  readonly terms = {
    bridgeId: 'b',
    codec: 'zstd',
    maxBatchBytes: 1_000_000,
    maxPartBytes: 1000,
  } as const;
  readonly ending = new AbortController();
  readonly messages: AgentMessageBody[] = [];
  readonly records: DeltaRecord[] = [];
  readonly batches: number[] = [];
  isDraining = false;
  isBusy = false;
  readonly #assembler = new PartAssembler({});
  #waiting: (() => void)[] = [];
  #feedId = 0;

  get closed(): AbortSignal {
    return this.ending.signal;
  }

  nextFeedId(): number {
    this.#feedId += 1;
    return this.#feedId;
  }

  send(body: AgentMessageBody): Promise<void> {
    this.#take(body);
    if (!this.isBusy) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  drain(): void {
    this.isBusy = false;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #take(body: AgentMessageBody): void {
    if (body.$case !== 'batchPart') {
      this.messages.push(body);
      return;
    }
    codecFromWire(body.value.codec);
    const batch = this.#assembler.add(body.value);
    if (batch === undefined) return;
    this.batches.push(batch.batchSeq);
    this.records.push(...decodeDeltaBatch(unpackBatch(batch)));
  }
}

interface SetUpOptions {
  readonly credit?: number;
  readonly total?: number;
  readonly perAccount?: number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

function setUp(options: SetUpOptions = {}) {
  const link = new TestLink();
  const credit = new AccountCredit(options.credit ?? 1e9);
  const limits = { totalBytes: options.total ?? 1e9, accountBytes: options.perAccount ?? 1e9 };
  const budget = new ByteBudget(limits);
  const oversized: OversizedObject[] = [];
  const counts = { sent: 0, coalesced: 0 };
  const observer = {
    sent: (bytes: number) => void (counts.sent += bytes),
    coalesced: () => void (counts.coalesced += 1),
    oversized: (_feed: FeedKey, object: OversizedObject) => void oversized.push(object),
  };
  const clock = { nowMs: () => 1000, sleep: options.sleep ?? (() => Promise.resolve()) };
  const sender = new FeedSender(
    { link, credit, budget, clock, observer },
    { account: 'acct', epoch: 3, feed },
  );
  return { link, credit, budget, sender, oversized, counts };
}

function object(name: string, version: number, size = 100): ScannedObject {
  return {
    bytes: Buffer.alloc(size, `${name}${version}`),
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'n',
    name,
    uid: `uid-${name}`,
    resourceVersion: String(version),
    annotations: new Map(),
    scrubbedValues: 0,
  };
}

const applied = (name: string, version: number, size?: number): Delta => ({
  kind: 'applied',
  object: object(name, version, size),
  readAtMs: 1000,
});

const shown = (records: readonly DeltaRecord[]) =>
  records.map(({ type, name, resourceVersion }) => `${type} ${name}@${resourceVersion}`);

describe(FeedSender, () => {
  it('opens its feed on the link before anything else', () => {
    const { link } = setUp();

    expect(link.messages).toEqual([
      { $case: 'openFeed', value: { account: 'acct', feedId: 1, epoch: 3, ...feed } },
    ]);
  });

  it('sends what comes together as one batch', async () => {
    const { link, sender, credit } = setUp({ credit: 10_000 });

    void sender.write({ kind: 'init' });
    void sender.write({ kind: 'initApplied', object: object('a', 1), readAtMs: 1000 });
    void sender.write({ kind: 'initDone', resourceVersion: '1', isComplete: true, readAtMs: 1000 });
    await settle();

    expect(link.batches).toEqual([1]);
    expect(shown(link.records)).toEqual(['init @', 'initApplied a@1', 'initDone @1']);
    expect(credit.balanceBytes).toBeLessThan(10_000 - 100);
  });

  it('lets a part of a snapshot wait for company, and sends at once when the snapshot is whole', async () => {
    const waits: number[] = [];
    const sleep = (ms: number, signal: AbortSignal) => {
      waits.push(ms);
      // Time stands still: only somebody in a hurry ends the wait.
      return new Promise<void>((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('woken')));
      });
    };
    const { link, sender } = setUp({ sleep });

    void sender.write({ kind: 'init' });
    void sender.write({ kind: 'initApplied', object: object('a', 1), readAtMs: 1 });
    await settle();
    const sentBefore = link.records.length;
    void sender.write({ kind: 'initDone', resourceVersion: '1', isComplete: true, readAtMs: 1 });
    await settle();

    expect(waits).toEqual([snapshotLingerMs]);
    expect(sentBefore).toBe(0);
    expect(link.records.map(({ type }) => type)).toEqual(['init', 'initApplied', 'initDone']);
  });

  it('holds its bytes until they are acknowledged', async () => {
    const { sender, budget } = setUp();
    void sender.write(applied('a', 1));
    await settle();
    expect(budget.usedBytes).toBeGreaterThan(100);
    expect(sender.isSettled).toBe(false);

    sender.acknowledge(1);

    expect(budget.usedBytes).toBe(0);
    expect(sender.isSettled).toBe(true);
  });

  it('makes its feed wait when the budget is full, and go on after the acknowledgement', async () => {
    const { sender } = setUp({ total: 2000, perAccount: 1000 });
    let goesOn = false;

    const waiting = Promise.resolve(sender.write(applied('a', 1, 3000))).then(
      () => (goesOn = true),
    );
    await settle();
    expect(goesOn).toBe(false);
    sender.acknowledge(1);

    await waiting;
  });

  it('without credit collects one batch, replacing what is outdated, then makes its feed wait', async () => {
    const { link, sender, credit, counts } = setUp({ credit: 0 });
    for (let version = 1; version <= 100; version += 1) {
      expect(sender.write(applied('same', version, 10_000))).toBeUndefined();
    }
    let waiting: Promise<void> | void = undefined;
    for (let index = 0; waiting === undefined; index += 1) {
      waiting = sender.write(applied(`o${index}`, 200 + index, 10_000));
    }
    await settle();
    expect([link.batches, counts.coalesced]).toEqual([[], 99]);

    credit.grant(1e9);
    await waiting;
    await settle();

    expect(shown(link.records)[0]).toBe('applied same@100');
    expect(link.records.length).toBeGreaterThan(20);
  });

  it('lets one batch out per grant when credit is short', async () => {
    const { link, sender, credit } = setUp({ credit: 1 });
    void sender.write(applied('a', 1));
    await settle();
    void sender.write(applied('b', 2));
    await settle();
    expect(link.batches).toEqual([1]);

    credit.grant(100_000);
    await settle();

    expect(link.batches).toEqual([1, 2]);
  });

  it('waits for a busy link, and sends what came meanwhile as one batch', async () => {
    const { link, sender } = setUp();
    link.isBusy = true;
    void sender.write(applied('a', 1));
    await settle();
    for (let index = 0; index < 50; index += 1) void sender.write(applied(`o${index}`, 2 + index));
    await settle();
    expect(link.batches).toEqual([1]);

    link.drain();
    await settle();

    expect(link.batches).toEqual([1, 2]);
    expect(link.records).toHaveLength(51);
  });

  it('cuts an object that is larger than a message into pieces', async () => {
    const { link, sender, counts } = setUp();

    const bytes = Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index * 7919) % 251));
    void sender.write({ kind: 'applied', object: { ...object('big', 1), bytes }, readAtMs: 1000 });
    await settle();

    expect(Buffer.from(link.records[0]!.object).equals(bytes)).toBe(true);
    expect(counts.sent).toBeGreaterThan(0);
  });

  it('leaves out an object that no batch can hold, says so, and goes on', async () => {
    const { link, sender, oversized } = setUp();

    void sender.write(applied('huge', 1, 2_000_000));
    void sender.write(applied('small', 2));
    await settle();

    expect(oversized).toEqual([{ name: 'huge', namespace: 'n', bytes: expect.any(Number) }]);
    expect(shown(link.records)).toEqual(['applied small@2']);
  });

  it('says of an object of a snapshot that no batch can hold that it is there', async () => {
    const { link, sender, oversized } = setUp();

    void sender.write({ ...applied('huge', 1, 2_000_000), kind: 'initApplied' } as Delta);
    void sender.write({ kind: 'initKept', namespace: 'n', name: 'unread', readAtMs: 1000 });
    await settle();

    expect(oversized).toHaveLength(1);
    expect(link.records).toMatchObject([
      { type: 'initApplied', namespace: 'n', name: 'huge', object: new Uint8Array(0) },
      { type: 'initApplied', namespace: 'n', name: 'unread', object: new Uint8Array(0) },
    ]);
  });

  it('tells "watching" after the deltas that led to it, worse states at once', async () => {
    const { link, sender, credit } = setUp({ credit: 0 });
    void sender.write({ kind: 'initDone', resourceVersion: '1', isComplete: true, readAtMs: 1000 });
    sender.status({ state: 'watching', reason: '', sinceMs: 1 });
    await settle();
    expect(link.messages).toHaveLength(1);

    credit.grant(10_000);
    await settle();
    sender.status({ state: 'lost', reason: 'cut', sinceMs: 2 });

    expect(link.records).toHaveLength(1);
    expect(link.messages.slice(1).map(({ value }) => value)).toMatchObject([
      { feedId: 1, state: 3, reason: '' },
      { feedId: 1, state: 5, reason: 'cut' },
    ]);
    expect(sender.currentStatus.state).toBe('lost');
  });

  it('sends nothing more while the bridge drains', async () => {
    const { link, sender } = setUp();
    link.isDraining = true;

    void sender.write(applied('a', 1));
    await settle();

    expect(link.batches).toEqual([]);
  });

  it('when closed gives its bytes back, lets its feed go and sends nothing more', async () => {
    const { link, sender, budget } = setUp({ credit: 0, perAccount: 100 });
    const waiting = sender.write(applied('a', 1, 1000));

    sender.close();
    await waiting;
    void sender.write(applied('b', 2));
    sender.status({ state: 'lost', reason: '', sinceMs: 0 });
    await settle();

    expect(budget.usedBytes).toBe(0);
    expect([link.batches, link.messages.length]).toEqual([[], 1]);
  });
});

/** What happens around a sender, in any order. */
const events = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('write' as const),
        name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        size: fc.integer({ min: 1, max: 3000 }),
        deletes: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('ack' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('grant' as const),
        bytes: fc.integer({ min: 1, max: 4000 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('busy' as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('drain' as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const) }) },
  ),
  { maxLength: 80 },
);

describe('whatever credits, acknowledgements and the link do', () => {
  it('no delta is lost, batches have no gaps, order holds and all bytes are given back', async () => {
    await fc.assert(
      fc.asyncProperty(events, async (run) => {
        const { link, sender, credit, budget } = setUp({
          credit: 500,
          total: 20_000,
          perAccount: 8000,
        });
        const newest = new Map<string, string>();
        const deletions: string[] = [];
        let version = 0;
        for (const event of run) {
          if (event.kind === 'write') {
            version += 1;
            const kind = event.deletes ? 'deleted' : 'applied';
            newest.set(event.name, `${kind} ${event.name}@${version}`);
            if (event.deletes) deletions.push(`deleted ${event.name}@${version}`);
            void sender.write({
              kind,
              object: object(event.name, version, event.size),
              readAtMs: 1000,
            });
          } else if (event.kind === 'ack') sender.acknowledge(link.batches.at(-1) ?? 0);
          else if (event.kind === 'grant') credit.grant(event.bytes);
          else if (event.kind === 'busy') link.isBusy = true;
          else if (event.kind === 'drain') link.drain();
          else await settle();
        }
        link.drain();
        credit.grant(1e9);
        while (!sender.isSettled) {
          await settle();
          sender.acknowledge(link.batches.at(-1) ?? 0);
        }

        const got = shown(link.records);
        const last = new Map(link.records.map((one, index) => [one.name, got[index]]));
        expect(Object.fromEntries(last)).toEqual(Object.fromEntries(newest));
        expect(got.filter((line) => line.startsWith('deleted'))).toEqual(deletions);
        const versions = link.records.map(({ resourceVersion }) => Number(resourceVersion));
        expect(versions).toEqual([...versions].sort((a, b) => a - b));
        expect(link.batches).toEqual(link.batches.map((_, index) => index + 1));
        expect(budget.usedBytes).toBe(0);
      }),
      { seed: 11, numRuns: 150 },
    );
  });
});
