import type { ClusterClient, ClusterIdentity } from '@fairlead/cluster-client';
import { createLogger } from '@fairlead/service-kit';
import { DEFAULT_OBJECT_POLICY, type DeltaSink, type FeedKey } from '@fairlead/watch-engine';
import { accountSchema } from './account-config.ts';
import { kindsToFollow, resumableCheckpoints } from './account-feeding.ts';
import {
  AccountSession,
  type AccountReport,
  type IdentifiedWatcherRequest,
  type LinkAttachment,
} from './account-session.ts';
import { createAccountGuard } from './api/create-account-guard.ts';
import { BatchScheduler } from './batch-scheduler.ts';
import { ByteBudget } from './byte-budget.ts';
import type { FeedOnLink } from './feed-on-link.ts';
import type { AgentMessageBody } from './link.ts';
import { atOnce } from './testing/at-once.ts';
import { ManualClock, settle } from './testing/manual-clock.ts';
import { TestLink } from './testing/test-link.ts';

const identity: ClusterIdentity = {
  server: 'https://c',
  certificateFingerprint: 'f',
  version: 'v1',
  uid: 'u',
};
const pods: FeedKey = {
  group: '',
  version: 'v1',
  resource: 'pods',
  kind: 'Pod',
  namespaced: true,
  namespace: '',
};

class TestWatcher {
  readonly request: IdentifiedWatcherRequest;
  signal: AbortSignal | undefined;
  fail: (error: Error) => void = () => undefined;

  constructor(request: IdentifiedWatcherRequest) {
    this.request = request;
  }

  relist(): void {
    throw new Error('nobody asked');
  }

  listMetadata(): Promise<never> {
    return Promise.reject(new Error('nobody asked'));
  }

  get sink(): DeltaSink {
    return this.request.sink;
  }

  run(signal: AbortSignal): Promise<void> {
    this.signal = signal;
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => resolve());
      this.fail = reject;
    });
  }
}

function setUp(answers: (ClusterIdentity | Error)[] = []) {
  const clock = new ManualClock();
  const watchers: TestWatcher[] = [];
  const clients: { isClosed: boolean }[] = [];
  const reports: AccountReport[] = [];
  const feedsById = new Map<number, FeedOnLink>();
  const link = new TestLink();
  const sent = link.messages;
  const session = new AccountSession(
    accountSchema.parse({ name: 'acct', serviceAccount: true, kinds: ['pod'] }),
    {
      connect: () => {
        const client = { isClosed: false };
        clients.push(client);
        const answer = answers.shift() ?? identity;
        return Promise.resolve({
          server: 's',
          identify: () =>
            answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer),
          close: () => void (client.isClosed = true),
        } as unknown as ClusterClient);
      },
      createWatcher: (_account, _api, request) => {
        const watcher = new TestWatcher(request);
        watchers.push(watcher);
        return watcher;
      },
      createGuard: (account, client) =>
        createAccountGuard(account, {
          ...{ client, policy: { redact: [] }, nowMs: () => 0, onRefusal: () => undefined },
        }),
      clock,
      random: { next: () => 0.5 },
      log: createLogger({ name: 'test', level: 'silent' }),
      budget: new ByteBudget({ totalBytes: 1e9, accountBytes: 1e9 }),
      resumesSinceMs: 0,
      observer: { coalesced: () => undefined, oversized: () => undefined, kept: () => undefined },
      objects: DEFAULT_OBJECT_POLICY,
      policy: 'p',
      onChange: (report) => reports.push(report),
    },
  );
  const scheduler = new BatchScheduler({ link, clock, compressor: atOnce, sent: () => undefined });
  const attachment: LinkAttachment = { link, scheduler, feedsById };
  const accept = (epoch: number) =>
    session.receive({
      $case: 'accountAccepted',
      value: { name: 'acct', epoch, kinds: ['pod', 'service'], checkpoints: [], creditBytes: 1e6 },
    });
  return { clock, watchers, clients, sent, reports, session, attachment, accept, feedsById };
}

async function feeding() {
  const all = setUp();
  all.session.start(all.attachment);
  await settle();
  all.accept(1);
  return all;
}

const cases = (sent: readonly AgentMessageBody[]) => sent.map(({ $case }) => $case);

describe(AccountSession, () => {
  it("asks its cluster, registers, and watches from the bridge's word on", async () => {
    const { session, sent, watchers } = await feeding();

    expect(sent[0]).toMatchObject({
      $case: 'registerAccount',
      value: { name: 'acct', cluster: identity },
    });
    expect(watchers).toHaveLength(1);
    expect(watchers[0]!.request).toMatchObject({ kinds: ['pod'], clusterUid: identity.uid });
    expect(session.report()).toMatchObject({ state: 'feeding', epoch: 1, reason: '' });
  });

  it('answers requests from the first answer of its cluster to its stop, whoever feeds', async () => {
    const { session, attachment, clients } = setUp();
    expect(session.api).toBeUndefined();
    session.start(attachment);
    await settle();

    const api = session.api;
    session.receive({ $case: 'accountStandby', value: { name: 'acct', reason: '' } });
    session.linkDown();
    expect(session.api).toBe(api);
    session.stop('over');

    expect(api).toBeDefined();
    expect(session.api).toBeUndefined();
    expect(clients).toEqual([{ isClosed: true }]);
  });

  it('tries an unreachable cluster again, later each time, with the reason shown', async () => {
    const { session, clock, attachment, clients, sent } = setUp([
      new Error('refused'),
      new Error('refused'),
    ]);

    session.start(attachment);
    await settle();
    expect(session.report()).toMatchObject({ state: 'identifying', reason: 'refused' });
    expect(clock.pendingMs).toEqual([1000]);
    await clock.advance(1000);
    expect(clock.pendingMs).toEqual([2000]);
    await clock.advance(2000);

    expect(cases(sent)).toEqual(['registerAccount']);
    expect(clients.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
  });

  it('stops its feeds when the link is lost and registers on the next one without asking again', async () => {
    const { session, watchers, clients, sent, attachment, feedsById } = await feeding();
    watchers[0]!.sink.open(pods);
    expect(feedsById.size).toBe(1);

    session.linkDown();
    expect(watchers[0]!.signal?.aborted).toBe(true);
    expect(session.report().feeds).toEqual([]);
    session.linkUp(attachment);

    expect(cases(sent).filter((name) => name === 'registerAccount')).toHaveLength(2);
    expect(clients).toHaveLength(1);
  });

  it('feeds anew under a newer epoch, and drops what belongs to the old one', async () => {
    const { session, watchers, accept, sent, feedsById } = await feeding();
    const old = watchers[0]!.sink.open(pods);

    accept(2);
    watchers[1]!.sink.open(pods);
    void old.write({ kind: 'init' }, 0);
    session.receive({ $case: 'credit', value: { account: 'acct', bytes: 5, epoch: 1 } });

    expect(watchers[0]!.signal?.aborted).toBe(true);
    expect([...feedsById.keys()]).toEqual([2]);
    expect(session.report().creditBytes).toBe(1e6);
    const opened = sent.filter((body) => body.$case === 'openFeed').map(({ value }) => value);
    expect(opened).toMatchObject([{ epoch: 1 }, { epoch: 2 }]);
  });

  it('is offered again after a rejection, with a fresh look at the cluster', async () => {
    const rebuilt = { ...identity, uid: 'rebuilt' };
    const { session, clock, attachment, sent } = setUp([identity, rebuilt]);
    session.start(attachment);
    await settle();

    session.receive({
      $case: 'accountRejected',
      value: { name: 'acct', code: 1, reason: 'other cluster' },
    });
    expect(session.report()).toMatchObject({ state: 'rejected', reason: 'other cluster' });
    await clock.advance(60_000);

    expect(sent.at(-1)).toMatchObject({
      $case: 'registerAccount',
      value: { cluster: { uid: 'rebuilt' } },
    });
  });

  it('retires feeds only after the round in which the others were opened', async () => {
    const { watchers, sent } = await feeding();
    const { sink, onPlanned } = watchers[0]!.request;

    sink.retire({ group: '', resource: 'services', kind: 'Service', namespace: '' });
    sink.open(pods);
    onPlanned();

    expect(cases(sent).slice(1)).toEqual(['openFeed', 'retireFeed']);
  });

  it('replaces the feed of a type whose version changed', async () => {
    const { watchers, feedsById } = await feeding();
    const old = watchers[0]!.sink.open(pods);

    watchers[0]!.sink.open({ ...pods, version: 'v2' });

    expect([...feedsById.keys()]).toEqual([2]);
    expect(old.write({ kind: 'init' }, 0)).toBeUndefined();
  });

  it('takes the account back and starts over when the watcher fails', async () => {
    const { session, watchers, sent, clock } = await feeding();

    watchers[0]!.fail(new Error('bug'));
    await settle();
    expect(session.report()).toMatchObject({ state: 'identifying', reason: 'bug' });
    expect(cases(sent).at(-1)).toBe('unregisterAccount');
    await clock.advance(1000);

    expect(cases(sent).at(-1)).toBe('registerAccount');
  });

  it('takes the account back and closes everything when it is stopped', async () => {
    const { session, watchers, sent, clients, clock } = await feeding();

    session.stop('no longer configured');

    expect(sent.at(-1)).toEqual({
      $case: 'unregisterAccount',
      value: { name: 'acct', reason: 'no longer configured' },
    });
    expect(watchers[0]!.signal?.aborted).toBe(true);
    expect(clients[0]!.isClosed).toBe(true);
    expect(clock.pendingMs).toEqual([]);
  });

  it('closes a client that comes after it was stopped', async () => {
    const { session, clients, attachment } = setUp();

    session.start(attachment);
    session.stop('gone');
    await settle();

    expect(clients.map(({ isClosed }) => isClosed)).toEqual([true]);
  });
});

describe(kindsToFollow, () => {
  it.each([
    [[], [], []],
    [['pod'], [], ['pod']],
    [[], ['pod'], ['pod']],
    [['Pod', 'secret'], ['pod', 'service'], ['Pod']],
    [['secret'], ['pod'], ['secret']],
  ])('configured %p, wanted %p: %p', (configured, wanted, followed) => {
    expect(kindsToFollow(configured, wanted)).toEqual(followed);
  });
});

describe(resumableCheckpoints, () => {
  const checkpoint = { ...pods, resourceVersion: '7', asOfMs: 1000, policy: 'p' };
  const isOfPolicy = () => true;

  it('keeps what is young enough', () => {
    const kept = resumableCheckpoints(
      { checkpoints: [checkpoint] },
      { maxAgeMs: 500, nowMs: 1500, isOfPolicy },
    );

    expect(kept).toEqual([{ ...pods, resourceVersion: '7' }]);
  });

  it('keeps the name of what is too old, so that it is listed or retired', () => {
    const kept = resumableCheckpoints(
      { checkpoints: [checkpoint] },
      { maxAgeMs: 499, nowMs: 1500, isOfPolicy },
    );

    expect(kept).toEqual([{ ...pods, resourceVersion: '' }]);
  });

  it('keeps only the name of what was cut by another policy of what may leave', () => {
    const kept = resumableCheckpoints(
      { checkpoints: [checkpoint] },
      { maxAgeMs: Infinity, nowMs: 1500, isOfPolicy: ({ policy }) => policy !== 'p' },
    );

    expect(kept).toEqual([{ ...pods, resourceVersion: '' }]);
  });
});
