import {
  compareVersionHashes,
  encodeVersionSet,
  hashObjectVersion,
  placesIn,
  type DeltaRecord,
} from '@fairlead/protocol';
import type { ScannedObject } from '@fairlead/secret-scrubber';
import type { Delta, FeedKey } from '@fairlead/watch-engine';
import { AccountOutlet } from './account-outlet.ts';
import { BatchScheduler, type SendingFeed } from './batch-scheduler.ts';
import { ByteBudget } from './byte-budget.ts';
import { FeedSender } from './feed-sender.ts';
import { QuietCheckpoints } from './quiet-checkpoints.ts';
import { atOnce } from './testing/at-once.ts';
import { ManualClock, settle } from './testing/manual-clock.ts';
import { TestLink } from './testing/test-link.ts';
import { wholeView } from './testing/whole-view.ts';
import { knownObjectsTimeoutMs, ThriftyOutput, type StoredRows } from './thrifty-output.ts';

const feed: FeedKey = {
  group: '',
  version: 'v1',
  resource: 'pods',
  kind: 'Pod',
  namespaced: true,
  namespace: '',
};

function setUp(stored: StoredRows, hasAntiEntropy = true) {
  const link = new TestLink();
  link.terms = { ...link.terms, hasAntiEntropy };
  const clock = new ManualClock();
  const budget = new ByteBudget({ totalBytes: 1e9, accountBytes: 1e9 });
  const scheduler = new BatchScheduler({ link, clock, compressor: atOnce, sent: () => undefined });
  const outlet = new AccountOutlet<SendingFeed>(1e9, scheduler);
  const own = { account: 'acct', epoch: 3, policy: 'p', viewOf: () => wholeView, outlet };
  const quiet = new QuietCheckpoints({ link, flushLater: () => undefined, ...own });
  const observer = { coalesced: () => undefined, oversized: () => undefined };
  const shared = { link, scheduler, budget, clock, observer, quiet };
  const sender = new FeedSender({ ...shared, bytes: budget.of('acct'), ...own }, feed);
  const kept: number[] = [];
  const output = new ThriftyOutput({
    ...{ sender, stored, clock },
    kept: (objects) => void kept.push(objects),
  });
  return { link, clock, sender, output, kept };
}

const partsOf = (name: string, version: number, uid = `uid-${name}`) => ({
  namespace: 'n',
  name,
  uid,
  resourceVersion: String(version),
});

function object(name: string, version: number, uid?: string): ScannedObject {
  return {
    ...partsOf(name, version, uid),
    bytes: Buffer.from(`{"${name}":${version}}`),
    apiVersion: 'v1',
    kind: 'Pod',
    annotations: new Map(),
    scrubbedValues: 0,
  };
}

const listed = (name: string, version: number, uid?: string): Delta => ({
  kind: 'initApplied',
  object: object(name, version, uid),
  readAtMs: 1000,
});
const done = (isComplete = true): Delta => ({
  kind: 'initDone',
  resourceVersion: '9',
  isComplete,
  readAtMs: 1000,
});

const setOf = (...versions: ReturnType<typeof partsOf>[]) =>
  encodeVersionSet(versions.map(hashObjectVersion).sort(compareVersionHashes));

const shown = (records: readonly DeltaRecord[]) =>
  records.map(({ type, name }) => (name === '' ? type : `${type} ${name}`));

describe(ThriftyOutput, () => {
  it('asks what is stored, waits for it, and sends only what is not', async () => {
    const { link, output, kept, clock } = setUp('same');

    const begun = output.write({ kind: 'init' });
    let hasBegun = false;
    void begun?.then(() => (hasBegun = true));
    await settle();
    const before = { hasBegun, sent: shown(link.records) };
    output.know({ feedId: 1, snapshot: 1, versions: setOf(partsOf('a', 1), partsOf('b', 2)) });
    await begun;
    void output.write(listed('a', 1));
    void output.write(listed('b', 3));
    void output.write(listed('c', 3));
    void output.write(done());
    await clock.advance(1000);

    expect(before).toEqual({ hasBegun: false, sent: ['initOver'] });
    expect(shown(link.records)).toEqual([
      'initOver',
      'initApplied b',
      'initApplied c',
      'keptObjects',
      'initDone',
    ]);
    expect(kept).toEqual([1]);
    const bits = link.records.find(({ type }) => type === 'keptObjects')!.object;
    const order = [partsOf('a', 1), partsOf('b', 2)].map(hashObjectVersion);
    const isFirst = compareVersionHashes(order[0]!, order[1]!) < 0;
    expect([...placesIn(bits, 2)]).toEqual([isFirst ? 0 : 1]);
  });

  it('sends everything when no answer comes in time, and takes no late one', async () => {
    const { link, output, clock } = setUp('same');

    const begun = output.write({ kind: 'init' });
    await clock.advance(knownObjectsTimeoutMs);
    await begun;
    output.know({ feedId: 1, snapshot: 1, versions: setOf(partsOf('a', 1)) });
    void output.write(listed('a', 1));
    void output.write(done());
    await clock.advance(1000);

    expect(shown(link.records)).toEqual(['initOver', 'initApplied a', 'initDone']);
  });

  it('asks anew for each snapshot, and takes only the answer to its own question', async () => {
    const { link, output, clock } = setUp('same');

    void output.write({ kind: 'init' });
    await settle();
    const again = output.write({ kind: 'init' });
    await settle();
    output.know({ feedId: 1, snapshot: 1, versions: setOf(partsOf('a', 1)) });
    output.know({ feedId: 1, snapshot: 2, versions: setOf(partsOf('b', 1)) });
    await again;
    void output.write(listed('a', 1));
    void output.write(listed('b', 1));
    void output.write(done());
    await clock.advance(1000);

    expect(shown(link.records)).toEqual([
      'initOver',
      'initOver',
      'initApplied a',
      'keptObjects',
      'initDone',
    ]);
  });

  it('sends an object without a uid in any case', async () => {
    const { link, output, clock } = setUp('same');
    const begun = output.write({ kind: 'init' });
    output.know({ feedId: 1, snapshot: 1, versions: setOf(partsOf('a', 1, '')) });
    await begun;

    void output.write(listed('a', 1, ''));
    void output.write(done());
    await clock.advance(1000);

    expect(shown(link.records)).toEqual(['initOver', 'initApplied a', 'initDone']);
  });

  it('takes what is no set for no answer', async () => {
    const { link, output, clock } = setUp('same');
    const begun = output.write({ kind: 'init' });
    output.know({ feedId: 1, snapshot: 1, versions: Uint8Array.of(1, 2, 3) });
    await begun;

    void output.write(listed('a', 1));
    await clock.advance(1000);

    expect(shown(link.records)).toEqual(['initOver', 'initApplied a']);
  });

  it('does not wait any more when it is closed', async () => {
    const { output, clock } = setUp('same');
    const begun = output.write({ kind: 'init' });
    await settle();

    output.close();
    await begun;

    expect(clock.pendingMs).not.toContain(knownObjectsTimeoutMs);
  });

  it.each([
    ['where nothing is stored', 'none', true],
    ['where rows are of another policy', 'other', true],
    ['a bridge that does not know the question', 'same', false],
  ] as const)('does not ask %s', async (_what, stored, hasAntiEntropy) => {
    const { link, output, clock } = setUp(stored, hasAntiEntropy);

    expect(output.write({ kind: 'init' })).toBeUndefined();
    void output.write(done());
    await clock.advance(1000);

    expect(shown(link.records)).toEqual(['init', 'initDone']);
  });

  it.each([
    ['none', true, true],
    ['none', false, true],
    ['other', true, true],
    // What the snapshot did not name may still be of the other policy.
    ['other', false, false],
  ] as const)('after a snapshot over %s, complete %p: asks %p', async (stored, whole, asks) => {
    const { output, link, clock } = setUp(stored);
    void output.write({ kind: 'init' });
    void output.write(done(whole));

    void output.write({ kind: 'init' });
    await clock.advance(100);

    expect(shown(link.records).at(-1)).toBe(asks ? 'initOver' : 'init');
  });

  it('asks when a first snapshot begins again', async () => {
    const { output, link, clock } = setUp('none');
    void output.write({ kind: 'init' });
    void output.write(listed('a', 1));

    void output.write({ kind: 'init' });
    await clock.advance(100);

    expect(shown(link.records)).toEqual(['init', 'initApplied a', 'initOver']);
  });
});
