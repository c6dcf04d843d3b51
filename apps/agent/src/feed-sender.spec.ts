import type { DeltaRecord } from '@fairlead/protocol';
import type { ScannedObject } from '@fairlead/secret-scrubber';
import type { Delta, FeedKey } from '@fairlead/watch-engine';
import fc from 'fast-check';
import { AccountOutlet } from './account-outlet.ts';
import { BatchScheduler, snapshotLingerMs, type SendingFeed } from './batch-scheduler.ts';
import { ByteBudget } from './byte-budget.ts';
import { FeedSender, snapshotQueueBytes, type OversizedObject } from './feed-sender.ts';
import { QuietCheckpoints } from './quiet-checkpoints.ts';
import { atOnce } from './testing/at-once.ts';
import { TestLink } from './testing/test-link.ts';
import { wholeView } from './testing/whole-view.ts';

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

interface SetUpOptions {
  readonly credit?: number;
  readonly total?: number;
  readonly perAccount?: number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

function setUp(options: SetUpOptions = {}) {
  const link = new TestLink();
  const limits = { totalBytes: options.total ?? 1e9, accountBytes: options.perAccount ?? 1e9 };
  const budget = new ByteBudget(limits);
  const oversized: OversizedObject[] = [];
  const counts = { sent: 0, coalesced: 0 };
  const observer = {
    coalesced: () => void (counts.coalesced += 1),
    oversized: (_feed: FeedKey, one: OversizedObject) => void oversized.push(one),
  };
  const clock = { nowMs: () => 1000, sleep: options.sleep ?? (() => Promise.resolve()) };
  const sent = (bytes: number) => void (counts.sent += bytes);
  const scheduler = new BatchScheduler({ link, clock, compressor: atOnce, sent });
  const credit = new AccountOutlet<SendingFeed>(options.credit ?? 1e9, scheduler);
  const own = { account: 'acct', epoch: 3, policy: 'p', viewOf: () => wholeView, outlet: credit };
  const waiting: QuietCheckpoints[] = [];
  const quiet = new QuietCheckpoints({ link, flushLater: (one) => waiting.push(one), ...own });
  const bytes = budget.of('acct');
  const deps = { link, scheduler, budget, clock, observer, quiet, bytes, ...own };
  const sender = new FeedSender(deps, feed);
  return { link, credit, budget, sender, oversized, counts, quiet };
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
      {
        $case: 'openFeed',
        value: { account: 'acct', feedId: 1, epoch: 3, policy: 'p', view: wholeView, ...feed },
      },
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

  describe('for a change', () => {
    /** Time stands still: what waits for it waits for ever. */
    const never = (_ms: number, signal: AbortSignal) =>
      new Promise<void>((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('woken')));
      });

    it('waits for what is read along with it and no longer, while the bridge has nothing to do', async () => {
      const { link, sender } = setUp({ sleep: never });

      void sender.write(applied('a', 1));
      await Promise.resolve();
      void sender.write(applied('b', 2));
      expect(link.batches).toEqual([]);
      await settle();

      expect(link.received.map(({ records }) => shown(records))).toEqual([
        ['applied a@1', 'applied b@2'],
      ]);
    });

    it('waits for company while the bridge has something to do, and until it is done', async () => {
      const { link, sender } = setUp({ sleep: never });
      void sender.write(applied('a', 1));
      await settle();

      for (const version of [2, 3]) {
        void sender.write(applied('b', version));
        await settle();
      }
      expect(link.batches).toEqual([1]);
      sender.acknowledge(1);
      await settle();

      expect(link.batches).toEqual([1, 2]);
      expect(shown(link.received[1]!.records)).toEqual(['applied b@2', 'applied b@3']);
    });
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

  it('makes its feed wait while the budget is full, and takes no more bytes than it has', async () => {
    const { sender, budget } = setUp({ total: 4000, perAccount: 1000 });
    expect(sender.write(applied('larger than all', 1, 3000))).toBeUndefined();
    const full = budget.usedBytes;
    let goesOn = false;

    const waiting = Promise.resolve(sender.write(applied('b', 2))).then(() => (goesOn = true));
    await settle();
    expect([goesOn, budget.usedBytes]).toEqual([false, full]);
    sender.acknowledge(1);

    await waiting;
  });

  it('sends an object from where it lies when its turn has come', async () => {
    const { link, sender } = setUp({ total: 4000, perAccount: 1000 });
    void sender.write(applied('larger than all', 1, 3000));
    let bytes = Buffer.from('where it was');
    const moving = {
      ...object('b', 2),
      get bytes() {
        return bytes;
      },
    };
    const waiting = sender.write({ kind: 'applied', object: moving, readAtMs: 1000 });
    await settle();

    bytes = Buffer.from('where it is!');
    sender.acknowledge(1);
    await waiting;
    await settle();

    expect(Buffer.from(link.records.at(-1)!.object).toString()).toBe('where it is!');
  });

  it('sends no batch when what it would hold was replaced by something that must wait', async () => {
    const { link, sender, credit, budget } = setUp({ credit: 0, perAccount: 1000 });
    void sender.write(applied('a', 1, 500));
    const waiting = sender.write(applied('a', 2, 5000));
    credit.grant(1e9);
    await settle();
    await waiting;
    await settle();

    expect(shown(link.records)).toEqual(['applied a@2']);
    expect(link.batches).toEqual([1]);
    sender.acknowledge(1);
    expect(budget.usedBytes).toBe(0);
  });

  it('without credit replaces what is outdated, until the budget is full', async () => {
    const { link, sender, credit, counts } = setUp({ credit: 0, perAccount: 900_000 });
    for (let version = 1; version <= 100; version += 1) {
      expect(sender.write(applied('same', version, 10_000))).toBeUndefined();
    }
    let waiting: Promise<void> | void = undefined;
    let written = 0;
    for (; waiting === undefined; written += 1) {
      waiting = sender.write(applied(`o${written}`, 200 + written, 10_000));
    }
    await settle();
    expect([link.batches, counts.coalesced, written]).toEqual([[], 99, 89]);

    credit.grant(1e9);
    await settle();
    while (link.records.length < 1 + written) {
      sender.acknowledge(link.batches.at(-1) ?? 0);
      await settle();
    }
    await waiting;

    expect(shown(link.records)[0]).toBe('applied same@100');
    expect(shown(link.records).at(-1)).toBe(`applied o${written - 1}@${199 + written}`);
  });

  it('takes a newer state of a waiting object in though the budget is full', async () => {
    const { link, sender, credit } = setUp({ credit: 0, perAccount: 10_000 });
    expect(sender.write(applied('a', 1, 9900))).toBeUndefined();

    expect(sender.write(applied('a', 2, 9900))).toBeUndefined();
    credit.grant(1e9);
    await settle();

    expect(shown(link.records)).toEqual(['applied a@2']);
  });

  it('reads no further into a snapshot than one batch ahead of the link', async () => {
    const { link, sender } = setUp();
    link.room = 'none';
    let bytes = 0;
    let waiting: Promise<void> | void = undefined;
    while (waiting === undefined) {
      const delta = { ...applied('a', 1, 50_000), kind: 'initApplied' } as Delta;
      waiting = sender.write(delta);
      bytes += 50_000;
    }
    expect(bytes).toBeGreaterThan(snapshotQueueBytes - 50_000);
    expect(bytes).toBeLessThan(snapshotQueueBytes + 50_000);

    link.drain();

    await waiting;
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
    link.room = 'none';
    void sender.write(applied('a', 1));
    await settle();
    for (let index = 0; index < 50; index += 1) void sender.write(applied(`o${index}`, 2 + index));
    await settle();
    expect(link.batches).toEqual([]);

    link.drain();

    expect(link.batches).toEqual([1]);
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

  it('says at the end of a snapshot whether what was not in it may be taken for gone', async () => {
    const { link, sender } = setUp();

    for (const isComplete of [true, false]) {
      void sender.write({ kind: 'init' });
      void sender.write({ kind: 'initDone', resourceVersion: '1', isComplete, readAtMs: 1000 });
    }
    await settle();

    const types = link.records.map(({ type }) => type);
    expect(types).toEqual(['init', 'initDone', 'init', 'initDoneUnswept']);
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

  it('lets a bookmark wait for those of other feeds, or go along with the next batch', async () => {
    const { link, sender, quiet } = setUp();
    const bookmark = (version: string): Delta => ({
      ...{ kind: 'checkpoint', resourceVersion: version, readAtMs: 1000 },
    });
    const told = () => link.messages.filter(({ $case }) => $case === 'checkpoints');

    void sender.write(bookmark('5'));
    void sender.write(bookmark('6'));
    await settle();
    expect([link.batches, told()]).toEqual([[], []]);
    quiet.flush();
    expect(told()).toMatchObject([{ value: { feeds: [{ feedId: 1, resourceVersion: '6' }] } }]);

    void sender.write(bookmark('7'));
    void sender.write(applied('a', 8));
    void sender.write(bookmark('9'));
    quiet.flush();
    await settle();
    quiet.flush();

    expect(shown(link.records)).toEqual(['applied a@8', 'checkpoint @9']);
    expect(told()).toHaveLength(1);
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
      weight: 30,
      arbitrary: fc.record({
        kind: fc.constant('write' as const),
        name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        size: fc.integer({ min: 1, max: 3000 }),
        deletes: fc.boolean(),
      }),
    },
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('ack' as const) }) },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('grant' as const),
        bytes: fc.integer({ min: 1, max: 4000 }),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('busy' as const) }) },
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('drain' as const) }) },
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('pass' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const) }) },
  ),
  { maxLength: 120 },
);

describe('whatever credits, acknowledgements, the link and its loss do', () => {
  it('nothing is lost or sent without credit, order holds, the budget is kept and given back', async () => {
    await fc.assert(
      fc.asyncProperty(events, async (run) => {
        const limits = { total: 20_000, perAccount: 8000 };
        const { link, sender, credit, budget } = setUp({ credit: 500, ...limits });
        const newest = new Map<string, string>();
        const deletions: string[] = [];
        let version = 0;
        let granted = 500;
        let waiting: Promise<void> | undefined;
        let largest = 0;
        const check = (): void => {
          expect(budget.usedBytes).toBeLessThanOrEqual(limits.perAccount + largest);
          // The batch before the last one left something of what was granted.
          const costs = link.received.map(({ bytes }) => bytes);
          const before = costs.slice(0, -1).reduce((sum, bytes) => sum + bytes, 0);
          expect(costs.length === 0 || before < granted).toBe(true);
        };
        for (const event of run) {
          if (event.kind === 'write') {
            // As the engine does, it waits for its turn.
            if (waiting !== undefined) continue;
            version += 1;
            const kind = event.deletes ? 'deleted' : 'applied';
            newest.set(event.name, `${kind} ${event.name}@${version}`);
            if (event.deletes) deletions.push(`deleted ${event.name}@${version}`);
            largest = Math.max(largest, event.size + 200);
            const one = object(event.name, version, event.size);
            const wrote = sender.write({ kind, object: one, readAtMs: 1000 });
            waiting = wrote instanceof Promise ? wrote : undefined;
            void waiting?.then(() => (waiting = undefined));
          } else if (event.kind === 'ack') sender.acknowledge(link.batches.at(-1) ?? 0);
          else if (event.kind === 'grant') {
            granted += event.bytes;
            credit.grant(event.bytes);
          } else if (event.kind === 'busy') link.room = 'none';
          else if (event.kind === 'drain') link.drain();
          else if (event.kind === 'cut') break;
          else await settle();
          check();
        }
        const isCut = run.some((event) => event.kind === 'cut');
        if (isCut) {
          // What is not sent is dropped; the bridge's checkpoint is where the feed resumes.
          sender.close();
          await settle();
        } else {
          link.drain();
          credit.grant(1e9);
          while (!sender.isSettled || waiting !== undefined) {
            await settle();
            sender.acknowledge(link.batches.at(-1) ?? 0);
          }
        }

        const got = shown(link.records);
        const versions = link.records.map(({ resourceVersion }) => Number(resourceVersion));
        expect(versions).toEqual([...versions].sort((a, b) => a - b));
        expect(link.batches).toEqual(link.batches.map((_, index) => index + 1));
        expect([budget.usedBytes, waiting]).toEqual([0, undefined]);
        // To resume at the end of any batch loses nothing: what is missing before it comes later.
        const reached = versions.at(-1) ?? 0;
        const last = new Map(link.records.map((one, index) => [one.name, got[index]]));
        const due = [...newest].filter(([, line]) => Number(line.split('@')[1]) <= reached);
        expect(due.filter(([name, line]) => last.get(name) !== line)).toEqual([]);
        const isReached = (line: string) => Number(line.split('@')[1]) <= reached;
        const sentDeletions = got.filter((line) => line.startsWith('deleted'));
        expect(sentDeletions).toEqual(deletions.filter(isReached));
        if (!isCut) expect(Object.fromEntries(last)).toEqual(Object.fromEntries(newest));
      }),
      { seed: 11, numRuns: 250 },
    );
  });
});
