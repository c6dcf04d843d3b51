import { describe, expect, it } from '@jest/globals';
import { type AccountView } from '@fairlead/account-registry';
import { type FeedCondition, type OpenedFeed } from './account-feeds.ts';
import { accountStatus, nothingStored, type StatusFacts } from './account-status.ts';
import { aFeed } from '../tests/deltas.ts';

const nowMs = 1_000_000;

function aView(more: Partial<AccountView> = {}): AccountView {
  return {
    name: 'prod',
    state: 'feeding',
    facts: {
      agentId: 'agent-1',
      instanceId: 'process-1',
      cluster: { server: '', certificateFingerprint: '', version: '', uid: '' },
      kinds: [],
      properties: {},
    },
    linkId: 'link-1',
    bridgeId: '',
    epoch: 1,
    reason: '',
    sinceMs: 0,
    graceDeadlineMs: 0,
    waiting: [],
    ...more,
  };
}

function anOpenFeed(
  condition: FeedCondition,
  more: { asOfMs?: number; resourceVersion?: string; isInSnapshot?: boolean; reason?: string } = {},
): OpenedFeed {
  const { asOfMs = nowMs - 50, resourceVersion = '7', isInSnapshot = false, reason = '' } = more;
  const intake = { feed: aFeed(1), committed: { asOfMs, resourceVersion }, isInSnapshot };
  return { intake, condition, reason, shadowedBy: undefined, sinceMs: 0 } as unknown as OpenedFeed;
}

function statusOf(feeds: readonly OpenedFeed[], more: Partial<StatusFacts> = {}) {
  const facts = {
    view: aView(),
    stored: nothingStored,
    oldestWaitingMs: undefined,
    nowMs,
    ...more,
  };
  return accountStatus({ ...facts, feeds });
}

describe(accountStatus, () => {
  it('is synced and not behind when every feed watches and nothing waits', () => {
    const feeds = [anOpenFeed('watching'), anOpenFeed('watching', { asOfMs: nowMs - 60_000 })];

    expect(statusOf(feeds)).toEqual({
      state: 'synced',
      reason: '',
      asOfMs: nowMs - 60_000,
      lagMs: 0,
    });
  });

  it.each([
    ['synced', { isComplete: true, doesFeederLive: true }],
    ['syncing', { isComplete: false, doesFeederLive: true }],
    ['connecting', { isComplete: true, doesFeederLive: false }],
  ])('is %s when another bridge feeds it and %j', (state, stored) => {
    const view = aView({ state: 'elsewhere', bridgeId: 'bridge-2', linkId: '' });

    expect(statusOf([], { view, stored: { asOfMs: 7, ...stored } })).toEqual({
      ...{ state, reason: 'fed through bridge bridge-2', asOfMs: 7, lagMs: undefined },
    });
  });

  it('is behind as long as the oldest change waits', () => {
    expect(statusOf([anOpenFeed('watching')], { oldestWaitingMs: nowMs - 300 })).toMatchObject({
      state: 'synced',
      lagMs: 300,
    });
  });

  it.each<[string, OpenedFeed[], string]>([
    ['a feed lists', [anOpenFeed('watching'), anOpenFeed('listing')], 'syncing'],
    ['a snapshot is not committed', [anOpenFeed('watching', { isInSnapshot: true })], 'syncing'],
    ['a feed never had a snapshot', [anOpenFeed('watching', { resourceVersion: '' })], 'syncing'],
    ['no feed is open', [], 'syncing'],
    ['a feed is lost', [anOpenFeed('watching'), anOpenFeed('lost')], 'stale'],
    ['a checkpoint is too old', [anOpenFeed('expired')], 'stale'],
    ['a kind may not be read', [anOpenFeed('watching'), anOpenFeed('forbidden')], 'synced'],
  ])('%s', (_what, feeds, state) => {
    expect(statusOf(feeds).state).toBe(state);
  });

  it('is stale, with the reason, when nothing of it may be read', () => {
    const forbidden = anOpenFeed('forbidden', { reason: 'cannot list resource "pods"', asOfMs: 0 });
    const shadowed = anOpenFeed('shadowed', { asOfMs: 0 });

    expect(statusOf([forbidden, shadowed, forbidden])).toEqual({
      state: 'stale',
      reason: 'every kind is forbidden; pods: cannot list resource "pods"',
      asOfMs: 0,
      lagMs: undefined,
    });
    expect(statusOf([anOpenFeed('forbidden')]).reason).toBe('every kind is forbidden');
  });

  it('knows how old the rows are that it may read no longer', () => {
    const forbidden = anOpenFeed('forbidden', { asOfMs: nowMs - 9000 });

    expect(statusOf([forbidden])).toMatchObject({ asOfMs: nowMs - 9000, lagMs: 9000 });
  });

  it('syncs as long as another feed may still turn out to be readable', () => {
    expect(statusOf([anOpenFeed('forbidden'), anOpenFeed('discovering')]).state).toBe('syncing');
  });

  it('tells why it is stale', () => {
    const lost = anOpenFeed('lost', { reason: 'connection refused' });

    expect(statusOf([lost]).reason).toBe('pods: connection refused');
  });

  it('knows from the database how old the rows of a disconnected account are', () => {
    const view = aView({ state: 'disconnected', reason: 'its agent stopped' });

    expect(statusOf([], { view, stored: { ...nothingStored, asOfMs: nowMs - 9000 } })).toEqual({
      state: 'disconnected',
      reason: 'its agent stopped',
      asOfMs: nowMs - 9000,
      lagMs: 9000,
    });
  });

  it('has no lag where there was never anything', () => {
    expect(statusOf([], { view: aView({ state: 'connecting' }) })).toMatchObject({
      state: 'connecting',
      lagMs: undefined,
    });
  });
});
