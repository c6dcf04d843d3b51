import { hashObjectVersion, VersionDigest } from '@fairlead/protocol';
import { setImmediate } from 'node:timers/promises';
import { type FeedCondition, type OpenedFeed } from './account-feeds.ts';
import { AntiEntropy, type AuditedAccount } from './anti-entropy.ts';
import { FeedIntake } from './feed-intake.ts';
import { type VerificationOutcome } from './feed-verification.ts';
import { type BridgeSays } from './link-session.ts';
import { Permits } from './permits.ts';
import { aFeed } from '../tests/deltas.ts';
import { FakeClock } from '../tests/fake-clock.ts';
import { MemoryCache } from '../tests/memory-cache.ts';

const intervalMs = 3_600_000;

/** Feeds without rows, and agents whose clusters hold nothing, or one object too many. */
function setUp(options: { readonly intervalMs?: number; readonly feeds?: number } = {}) {
  const clock = new FakeClock();
  const outcomes: string[] = [];
  const asked: number[] = [];
  let holds = 0;
  let answers = true;
  const feeds = Array.from({ length: options.feeds ?? 1 }, (_, index): OpenedFeed => {
    const feed = aFeed(index + 1, { namespace: `ns-${index}` });
    const intake = new FeedIntake(feed, { context: { account: 'prod' }, stored: undefined });
    return { intake, shadowedBy: undefined, condition: 'watching', reason: '', sinceMs: 0 };
  });
  const send = (message: BridgeSays): void => {
    if (message.$case !== 'verifyFeed') return;
    const { feedId, buckets } = message.value;
    asked.push(feedId);
    if (!answers) return;
    const digest = new VersionDigest(buckets);
    const extra = { namespace: 'ns-0', name: 'x', uid: 'u', resourceVersion: '1' };
    if (holds > 0) digest.add(hashObjectVersion(extra));
    const answer = { feedId, resourceVersion: '9', objects: holds, failure: '' };
    feeds[feedId - 1]?.intake.audit?.answer({ ...answer, sums: digest.encode() });
  };
  let open: readonly OpenedFeed[] = feeds;
  const account: AuditedAccount = {
    name: 'prod',
    writer: { epoch: 1, feeds: () => open, flushed: () => Promise.resolve() },
    send,
  };
  const antiEntropy = new AntiEntropy({
    ...{ clock, cache: new MemoryCache(), permits: new Permits(1) },
    random: { next: () => 0.5 },
    accounts: () => [account],
    intervalMs: options.intervalMs ?? intervalMs,
    events: {
      feedVerified: (_account, _type, outcome: VerificationOutcome) =>
        void outcomes.push(outcome.kind),
    },
  });
  const stopping = new AbortController();
  const running = antiEntropy.run(stopping.signal);
  return {
    ...{ antiEntropy, clock, outcomes, asked, feeds, running },
    become: (condition: FeedCondition) => (open = feeds.map((feed) => ({ ...feed, condition }))),
    clusterHolds: (objects: number) => (holds = objects),
    fallSilent: () => (answers = false),
    stop: async () => {
      stopping.abort();
      await running;
    },
    /** Time passes, and everybody has done what they do in it. */
    pass: async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 5_000) {
        await clock.advance(5_000);
        for (let turn = 0; turn < 5; turn += 1) await setImmediate();
      }
    },
  };
}

describe(AntiEntropy, () => {
  it('compares a feed within a minute, and then once in every interval', async () => {
    const { pass, asked, feeds, stop, clock } = setUp();
    await pass(20_000);
    const atFirst = asked.length;
    await pass(40_000);
    const soon = asked.length;
    const { verifiedAtMs } = feeds[0]!.intake;
    const agoMs = clock.nowMs() - verifiedAtMs;
    await pass(3 * intervalMs);
    await stop();

    expect([atFirst, soon]).toEqual([0, 1]);
    expect(agoMs).toBeLessThan(40_000);
    expect(asked.length).toBe(4);
  });

  it('compares two feeds at once at most, and every feed in the end', async () => {
    const { pass, asked, fallSilent, stop } = setUp({ feeds: 5 });
    fallSilent();
    await pass(60_000);
    const atOnce = asked.length;
    await pass(4 * 300_000);
    await stop();

    expect(atOnce).toBe(2);
    expect(new Set(asked).size).toBe(5);
  });

  it('looks again at once after a repair, and not for a difference that it did not mend', async () => {
    const { pass, outcomes, clusterHolds, feeds, stop } = setUp();
    clusterHolds(1);
    await pass(45_000 + 100_000);
    // The agent's snapshot brings an object that can have no row.
    feeds[0]!.intake.swept(0);
    const unit = { checkpoint: () => undefined } as never;
    feeds[0]!.intake.finishSnapshot(unit);
    await pass(30_000);
    const soon = [...outcomes];
    await pass(2 * intervalMs);
    await stop();

    expect(soon).toEqual(['repaired', 'sameDifference']);
    expect(outcomes.slice(2)).toEqual(['sameDifference', 'sameDifference']);
  });

  it('waits for late deltas without holding up other feeds', async () => {
    const { pass, asked, outcomes, clusterHolds, stop } = setUp({ feeds: 5 });
    clusterHolds(1);

    await pass(60_000);
    const atFirst = new Set(asked).size;
    const tooEarly = outcomes.length;
    await stop();

    expect([atFirst, tooEarly]).toEqual([5, 0]);
  });

  it('waits no longer than a few seconds where it compares as often', async () => {
    const { pass, feeds, clusterHolds, stop } = setUp({ intervalMs: 4_000 });
    const relists: unknown[] = [];
    feeds[0]!.intake.beginRepair = (tally) => void relists.push(tally);
    clusterHolds(1);

    await pass(15_000);
    await stop();

    expect(relists).toHaveLength(1);
  });

  it('tries what failed again sooner', async () => {
    const { pass, outcomes, fallSilent, stop } = setUp();
    fallSilent();
    await pass(60_000 + 300_000);
    const once = [...outcomes];
    await pass(2 * 300_000 + 60_000);
    await stop();

    expect(once).toEqual(['failed']);
    expect(outcomes).toEqual(['failed', 'failed']);
  });

  it('compares an account’s feeds soon when it is told to, and goes on as ever', async () => {
    const { antiEntropy, pass, asked, stop } = setUp({ feeds: 2 });
    await pass(60_000);
    const before = asked.length;

    antiEntropy.hasten('other');
    await pass(20_000);
    const forAnother = asked.length - before;
    antiEntropy.hasten('prod');
    await pass(20_000);
    const soon = asked.length - before;
    await pass(intervalMs / 2);
    await stop();

    expect([before, forAnother, soon]).toEqual([2, 0, 2]);
    expect(asked.length).toBe(4);
  });

  it('compares once more when it is told to while it compares', async () => {
    const { antiEntropy, pass, asked, fallSilent, stop } = setUp();
    fallSilent();
    await pass(45_000);
    const before = asked.length;

    antiEntropy.hasten('prod');
    // An agent that says nothing is given up after five minutes.
    await pass(330_000);
    await stop();

    expect([before, asked.length]).toEqual([1, 2]);
  });

  it('leaves a feed alone that does not watch', async () => {
    const { pass, asked, become, stop } = setUp();
    become('lost');
    await pass(120_000);
    await stop();

    expect(asked).toEqual([]);
  });

  it('never compares where it is switched off', async () => {
    const { asked, running } = setUp({ intervalMs: 0 });

    await running;

    expect(asked).toEqual([]);
  });
});
