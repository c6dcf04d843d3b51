import type { DeltaRecord } from '@fairlead/protocol';
import { QuietCheckpoints, type QuietFeed } from './quiet-checkpoints.ts';
import { TestLink } from './testing/test-link.ts';

function setUp(balanceBytes = 1000) {
  const link = new TestLink();
  const outlet = { balanceBytes, pay: (bytes: number) => void (outlet.balanceBytes -= bytes) };
  const waiting: QuietCheckpoints[] = [];
  const keeper = new QuietCheckpoints({
    ...{ link, outlet, account: 'acct', epoch: 3 },
    flushLater: (one) => waiting.push(one),
  });
  return { link, outlet, waiting, keeper };
}

function aFeed(feedId: number, version?: string, readAtMs = 5000): QuietFeed {
  const strings = { resourceVersion: version ?? '', namespace: '', name: '', uid: '' };
  const object = new Uint8Array(0);
  const record: DeltaRecord = { type: 'checkpoint', readAtMs, ...strings, object };
  return { feedId, takeCheckpoint: () => (version === undefined ? undefined : record) };
}

describe(QuietCheckpoints, () => {
  it('tells of all feeds in one message, with what it costs', () => {
    const { link, outlet, keeper, waiting } = setUp();

    for (const feed of [aFeed(1, '70', 4000), aFeed(2, '71', 9500), aFeed(3)]) keeper.add(feed);
    expect([waiting.length, link.messages.length]).toEqual([1, 0]);
    keeper.flush();

    expect(link.messages).toEqual([
      {
        $case: 'checkpoints',
        value: {
          ...{ account: 'acct', epoch: 3, readAtMs: 9500 },
          feeds: [
            { feedId: 1, resourceVersion: '70', ageSeconds: 6 },
            { feedId: 2, resourceVersion: '71', ageSeconds: 0 },
          ],
        },
      },
    ]);
    expect(outlet.balanceBytes).toBe(1000 - 128);
  });

  it('tells nothing when no feed has anything to tell', () => {
    const { link, keeper } = setUp();

    keeper.add(aFeed(1));
    keeper.flush();
    const gone = aFeed(2, '70');
    keeper.add(gone);
    keeper.delete(gone);
    keeper.flush();

    expect(link.messages).toEqual([]);
  });

  it('waits once more when there is no credit', () => {
    const { link, outlet, keeper, waiting } = setUp(0);

    keeper.add(aFeed(1, '70'));
    keeper.flush();
    expect([link.messages.length, waiting.length]).toEqual([0, 2]);
    outlet.balanceBytes = 1;
    keeper.flush();

    expect(link.messages).toHaveLength(1);
  });
});
