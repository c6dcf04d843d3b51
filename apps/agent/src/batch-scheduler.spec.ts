import {
  compressBatch,
  targetBatchBytes,
  type BatchCompressor,
  type CompressedBatch,
} from '@fairlead/protocol';
import type { ScannedObject } from '@fairlead/secret-scrubber';
import type { Delta, FeedKey } from '@fairlead/watch-engine';
import fc from 'fast-check';
import { AccountOutlet, liveBatchesInARow } from './account-outlet.ts';
import { BatchScheduler, type SendingFeed } from './batch-scheduler.ts';
import { ByteBudget } from './byte-budget.ts';
import { FeedSender } from './feed-sender.ts';
import { QuietCheckpoints } from './quiet-checkpoints.ts';
import { atOnce } from './testing/at-once.ts';
import { settle } from './testing/manual-clock.ts';
import { TestLink } from './testing/test-link.ts';
import { wholeView } from './testing/whole-view.ts';

const pods: FeedKey = {
  ...{ group: '', version: 'v1', resource: 'pods', kind: 'Pod' },
  ...{ namespaced: true, namespace: '' },
};

function object(name: string, version: number, size: number): ScannedObject {
  return {
    bytes: Buffer.alloc(size, name),
    ...{ apiVersion: 'v1', kind: 'Pod', namespace: 'n', name, uid: name },
    resourceVersion: String(version),
    annotations: new Map(),
    scrubbedValues: 0,
  };
}

const change = (name: string, version: number, size = 100): Delta => ({
  ...{ kind: 'applied', readAtMs: 1 },
  object: object(name, version, size),
});
const listed = (name: string, version: number, size = 50_000): Delta => ({
  ...{ kind: 'initApplied', readAtMs: 1 },
  object: object(name, version, size),
});

/** Compresses when a test says so. */
function onDemand() {
  const waiting: (() => void)[] = [];
  const compress = (bytes: Uint8Array) =>
    new Promise<CompressedBatch>((resolve) => {
      waiting.push(() => resolve(compressBatch(bytes, 'zstd')));
    });
  return { compressor: { compress, close: () => undefined }, waiting };
}

interface Options {
  readonly compressor?: BatchCompressor;
  readonly creditBytes?: number;
  readonly totalBytes?: number;
  readonly accountBytes?: number;
}

/** An agent's senders, of any accounts, on one link that a test empties piece by piece. */
function anAgent(options: Options = {}) {
  const { creditBytes = 1e9, totalBytes = 64e6, accountBytes = 8e6 } = options;
  const { compressor = atOnce } = options;
  const link = new TestLink();
  link.room = 'none';
  const budget = new ByteBudget({ totalBytes, accountBytes });
  budget.configure({ totalBytes, accountBytes }, 60);
  const clock = { nowMs: () => 1, sleep: () => Promise.resolve() };
  const scheduler = new BatchScheduler({ link, clock, compressor, sent: () => undefined });
  const observer = { coalesced: () => undefined, oversized: () => undefined };
  const outlets = new Map<string, AccountOutlet<SendingFeed>>();
  const senders = new Map<number, FeedSender>();
  const outletOf = (account: string) => {
    const outlet = outlets.get(account) ?? new AccountOutlet<SendingFeed>(creditBytes, scheduler);
    outlets.set(account, outlet);
    return outlet;
  };
  const open = (account: string): FeedSender => {
    const own = {
      account,
      epoch: 1,
      policy: '',
      viewOf: () => wholeView,
      outlet: outletOf(account),
    };
    const quiet = new QuietCheckpoints({ link, flushLater: () => undefined, ...own });
    const shared = { link, scheduler, budget, clock, observer, quiet };
    const sender = new FeedSender({ ...shared, bytes: budget.of(account), ...own }, pods);
    senders.set(sender.feedId, sender);
    return sender;
  };
  /** The next pieces that the stream takes, as `account:what`. */
  const take = (count: number, room: 'any' | 'live' = 'any'): number[] => {
    link.room = room;
    const before = link.parts.length;
    for (let index = 0; index < count && link.takePart(); index += 1);
    link.room = 'none';
    return link.parts.slice(before).map(({ feedId }) => feedId);
  };
  return { link, budget, open, outletOf, senders, take };
}

/** Writes until the feed is told to wait. */
function fill(sender: FeedSender): void {
  for (let version = 1; sender.write(listed(`o${version}`, version)) === undefined; version += 1);
}

describe('while 50 accounts sync', () => {
  it("sends one account's change with the next piece that the stream takes", async () => {
    const { open, take } = anAgent();
    for (let account = 0; account < 50; account += 1) fill(open(`syncing-${account}`));
    const watching = open('live');
    await settle();
    // A batch of a snapshot is on its way in pieces of 1000 bytes.
    take(2);

    void watching.write(change('pod', 1));
    await settle();

    expect(take(1)).toEqual([watching.feedId]);
  });

  it('gives a change to the stream even while it still writes a part of a snapshot', async () => {
    const { open, take } = anAgent();
    fill(open('syncing'));
    const watching = open('live');
    await settle();
    take(1);
    void watching.write(change('pod', 1));
    await settle();

    expect(take(10, 'live')).toEqual([watching.feedId]);
  });

  it('lets the accounts take turns, and each of their feeds', async () => {
    const { open, take } = anAgent();
    const [a1, a2, b1] = [open('a'), open('a'), open('b')];
    for (const sender of [a1, a2, b1]) {
      void sender.write(listed('x', 1, 500));
      void sender.write({ kind: 'initDone', resourceVersion: '1', isComplete: true, readAtMs: 1 });
    }
    await settle();

    expect(take(3)).toEqual([a1, b1, a2].map(({ feedId }) => feedId));
  });

  it('reads the changes of the same account, though its snapshots fill their part of the budget', async () => {
    const { open, take, budget } = anAgent({ totalBytes: 4e6, accountBytes: 1e6 });
    const listing = [open('both'), open('both'), open('both')];
    for (const sender of listing) fill(sender);
    await settle();
    const before = budget.usedBytes;
    const watching = open('both');

    expect(watching.write(change('pod', 1))).toBeUndefined();
    await settle();

    expect(budget.usedBytes).toBeGreaterThan(before);
    expect(take(1)).toEqual([watching.feedId]);
  });

  it('has credit left for a change when the snapshots of the same account have used theirs', async () => {
    const { open, outletOf, take } = anAgent({ creditBytes: 2e6 });
    fill(open('both'));
    const listing = open('both');
    for (let round = 0; round < 100; round += 1) {
      void listing.write(listed(`p${round}`, round, 50_000));
      await settle();
      take(1000);
    }
    expect(take(1000)).toEqual([]);
    expect(outletOf('both').balanceBytes).toBeGreaterThan(0);
    const watching = open('both');

    void watching.write(change('pod', 1));
    await settle();

    expect(take(10)).toEqual([watching.feedId]);
  });
});

describe('while changes never end', () => {
  it('lets a snapshot through after a few batches of them', async () => {
    const { open, take } = anAgent();
    const listing = open('syncing');
    void listing.write(listed('x', 1, 100));
    void listing.write({ kind: 'initDone', resourceVersion: '1', isComplete: true, readAtMs: 1 });
    const busy = [open('a'), open('b')];
    const order: number[] = [];
    for (let round = 0; round < 12; round += 1) {
      for (const sender of busy) void sender.write(change(`pod-${round}`, round));
      await settle();
      order.push(...take(1));
    }

    expect(order.indexOf(listing.feedId)).toBe(liveBatchesInARow);
  });
});

describe('when little credit is left', () => {
  it('uses the last of it for a snapshot, if nothing is on its way for which more would come', async () => {
    const { open, outletOf, take, link } = anAgent({ creditBytes: 4000 });
    const listing = open('a');
    outletOf('a').grant(-3900);
    void listing.write(listed('x', 1, 100));
    await settle();

    expect(take(1)).toEqual([listing.feedId]);
    expect(outletOf('a').balanceBytes).toBeLessThanOrEqual(0);
    void listing.write(listed('y', 1, 100));
    await settle();
    expect(take(1)).toEqual([]);
    outletOf('a').grant(link.received[0]!.bytes);
    expect(take(1)).toEqual([]);
    listing.acknowledge(1);
    expect(take(1)).toEqual([listing.feedId]);
  });
});

const happenings = fc.array(
  fc.record({
    what: fc.constantFrom('change', 'change', 'list', 'take', 'take', 'commit', 'pass'),
    feed: fc.integer({ min: 0, max: 5 }),
    size: fc.integer({ min: 1, max: 40_000 }),
  }),
  { maxLength: 150 },
);

describe('whatever six feeds of three accounts do', () => {
  it('keeps budget and credit, loses nothing and comes to rest', async () => {
    await fc.assert(
      fc.asyncProperty(happenings, async (run) => {
        const creditBytes = 60_000;
        const limits = { totalBytes: 400_000, accountBytes: 100_000 };
        const { open, outletOf, senders, take, link, budget } = anAgent({ creditBytes, ...limits });
        const feeds = [0, 1, 2, 3, 4, 5].map((index) => open(`account-${index % 3}`));
        const waiting = new Set<FeedSender>();
        const written = new Map<string, number>();
        const committed = { count: 0 };
        const commit = (): void => {
          const batch = link.received[committed.count];
          if (batch === undefined) return;
          committed.count += 1;
          senders.get(batch.feedId)?.acknowledge(batch.seq);
          outletOf(`account-${(batch.feedId - 1) % 3}`).grant(batch.bytes);
        };
        let version = 0;
        for (const { what, feed, size } of run) {
          const sender = feeds[feed]!;
          if (what === 'take') take(20);
          else if (what === 'commit') commit();
          else if (what === 'pass') await settle();
          else if (!waiting.has(sender)) {
            version += 1;
            const name = `${feed}-${version % 7}`;
            written.set(name, version);
            const make = what === 'change' ? change : listed;
            const wrote = sender.write(make(name, version, size));
            if (wrote instanceof Promise) {
              waiting.add(sender);
              void wrote.then(() => waiting.delete(sender));
            }
          }
          expect(budget.usedBytes).toBeLessThanOrEqual(limits.totalBytes + 40_200);
        }
        const isAtRest = () => waiting.size === 0 && feeds.every((sender) => sender.isSettled);
        for (let round = 0; round < 500 && !isAtRest(); round += 1) {
          await settle();
          take(50);
          commit();
        }

        expect([isAtRest(), budget.usedBytes]).toEqual([true, 0]);
        const got = new Map(
          link.records.map(({ name, resourceVersion }) => [name, resourceVersion]),
        );
        const due = [...written].map(([name, newest]) => [name, String(newest)]);
        expect(Object.fromEntries(got)).toEqual(Object.fromEntries(due));
      }),
      { seed: 5, numRuns: 60 },
    );
  });
});

describe('while a batch is compressed', () => {
  it('goes on with batches of the other urgency, and with it as soon as it is done', async () => {
    const { compressor, waiting } = onDemand();
    const { link, open } = anAgent({ compressor });
    const [syncing, watching] = [open('a'), open('b')];
    link.room = 'any';
    fill(syncing);
    await settle();
    void watching.write(change('c', 1));
    await settle();
    expect([waiting.length, link.parts.length]).toEqual([2, 0]);

    waiting[1]?.();
    await settle();
    expect(link.received.map(({ feedId }) => feedId)).toEqual([watching.feedId]);

    waiting[0]?.();
    await settle();
    expect(link.received.map(({ feedId }) => feedId)).toEqual([watching.feedId, syncing.feedId]);
  });

  it('reads no further than one batch ahead', async () => {
    const { compressor, waiting } = onDemand();
    const { link, open, budget } = anAgent({ compressor });
    const watching = open('a');
    link.room = 'any';
    let version = 0;
    const write = () => watching.write(change(`o${(version += 1)}`, version, 50_000));
    // Eleven of them are more than a batch; the twelfth begins another.
    for (let count = 0; count < 11; count += 1) expect(write()).toBeUndefined();
    await settle();
    let wait: Promise<void> | void = undefined;
    for (let count = 0; wait === undefined; count += 1) {
      expect(count).toBeLessThan(20);
      wait = write();
    }
    const ahead = budget.usedBytes;
    waiting[0]?.();
    await wait;
    await settle();

    expect(ahead).toBeLessThan(2.2 * targetBatchBytes);
    expect(link.received).toHaveLength(1);
    expect(waiting).toHaveLength(2);
  });

  it('drops it when its feed ends meanwhile, and goes on with the next', async () => {
    const { compressor, waiting } = onDemand();
    const { link, open } = anAgent({ compressor });
    const [first, second] = [open('a'), open('b')];
    link.room = 'any';
    void first.write(change('one', 1));
    await settle();
    void second.write(change('two', 2));
    await settle();

    first.close();
    waiting[0]?.();
    await settle();
    waiting[1]?.();
    await settle();

    expect(link.records.map(({ name }) => name)).toEqual(['two']);
  });
});
