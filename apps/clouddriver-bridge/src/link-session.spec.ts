import { describe, expect, it } from '@jest/globals';
import {
  batchToParts,
  Codec,
  RefusalCode,
  type AgentMessage,
  type BridgeMessage,
  type DeltaRecord,
  type TravellingBatch,
} from '@fairlead/protocol';
import { type AccountWriter } from './account-writer.ts';
import { LinkSession, type LinkHost } from './link-session.ts';
import type { QuietCheckpoints } from './work-queue.ts';
import { aBatch, aFeed, aPod } from '../tests/deltas.ts';
import { FakeClock, settled } from '../tests/fake-clock.ts';

type Says = NonNullable<AgentMessage['message']>;

const hello: Says = {
  $case: 'hello',
  value: {
    protocolVersions: [1],
    agentId: 'agent-1',
    instanceId: 'i',
    agentVersion: '1',
    codecs: [Codec.DEFLATE],
    capabilities: [],
    zone: '',
  },
};

function setUp() {
  const clock = new FakeClock();
  const sent: NonNullable<BridgeMessage['message']>[] = [];
  const told: string[] = [];
  const received: TravellingBatch[] = [];
  const marks: { feedId: number; record: DeltaRecord }[] = [];
  const charged: number[] = [];
  const state = { backlog: 0, credit: true, feeds: true, hasStandIn: false };
  const writer = {
    openFeed: ({ feedId }: { feedId: number }) => told.push(`open ${feedId}`),
    setStatus: () => told.push('status'),
    retire: () => told.push('retire'),
    enqueue: (batch: TravellingBatch) => received.push(batch),
    enqueueCheckpoints: (checkpoints: QuietCheckpoints) => marks.push(...checkpoints.marks),
    forgetBatch: (bytes: number) => told.push(`given back ${bytes}`),
  } as unknown as AccountWriter;
  const violations: string[] = [];
  const host: LinkHost = {
    bridgeId: 'bridge-1',
    opened: ({ agentId }) => told.push(`opened ${agentId}`),
    violated: (_session, violation) => violations.push(violation),
    closed: (_session, reason) => told.push(`closed: ${reason}`),
    register: (_session, { name }) => told.push(`register ${name}`),
    hasStandIn: () => state.hasStandIn,
    unregister: (_session, name) => told.push(`unregister ${name}`),
    writerOf: (_session, _account, epoch) => (state.feeds && epoch === 1 ? writer : undefined),
    charge: (_account, bytes) => {
      charged.push(bytes);
      return state.credit;
    },
  };
  const limits = { accountsPerLink: 2, feedsPerLink: 3 };
  const revoke: ((reason: string) => void)[] = [];
  const session = new LinkSession({
    host,
    clock,
    linkId: 'link-1',
    limits,
    tunnelTicket: 'ticket-1',
    identity: {
      description: 'anybody',
      accountNames: ['team-a-*'],
      mayRegister: () => true,
      watch: (onEnded) => {
        revoke.push(onEnded);
        return () => told.push('unwatched');
      },
    },
    wire: {
      send: ({ message }) => {
        if (message !== undefined) sent.push(message);
      },
      get backlog() {
        return state.backlog;
      },
      end: () => told.push('end'),
    },
  });
  const say = (...messages: Says[]) => {
    for (const message of messages) session.receive({ message });
  };
  const kinds = () => sent.map(({ $case }) => $case);
  return {
    clock,
    violations,
    revoke,
    sent,
    told,
    received,
    marks,
    charged,
    state,
    session,
    say,
    kinds,
  };
}

const openFeed = (feedId: number, more = {}): Says => ({
  $case: 'openFeed',
  value: aFeed(feedId, more),
});

function partsOf(feedId: number, maxBytes: number): Says[] {
  const batch = aBatch([aPod('applied', 'a'), aPod('applied', 'b')], { feedId });
  return batchToParts(batch, maxBytes).map((value) => ({ $case: 'batchPart', value }));
}

function refusal(sent: readonly NonNullable<BridgeMessage['message']>[]) {
  const last = sent.at(-1);
  return last?.$case === 'refused' ? last.value : undefined;
}

describe(LinkSession, () => {
  it('answers hello with the version and the compression that both have', () => {
    const { say, sent, told } = setUp();

    say(hello);

    expect(sent).toMatchObject([
      {
        $case: 'welcome',
        value: { protocolVersion: 1, codec: Codec.DEFLATE, accountNames: ['team-a-*'] },
      },
    ]);
    expect(told).toEqual(['opened agent-1']);
  });

  it('ends when its agent offers more accounts than it may have at a time', () => {
    const { say, sent, violations } = setUp();
    const offer = (name: string): Says => ({
      $case: 'registerAccount',
      value: { name, cluster: undefined, kinds: [], properties: Buffer.alloc(0) },
    });
    const withdraw = (name: string): Says => ({
      $case: 'unregisterAccount',
      value: { name, reason: '' },
    });

    say(hello, offer('a'), offer('b'), offer('b'), withdraw('a'), offer('c'));
    expect(violations).toEqual([]);
    say(offer('d'), offer('e'));

    expect(violations).toEqual(['tooManyAccounts']);
    expect(refusal(sent)?.message).toContain('more than 2 accounts');
  });

  it('ends when its agent opens more feeds than it may have at a time', () => {
    const { say, sent, violations } = setUp();
    const feed = (feedId: number) => openFeed(feedId, { resource: `r${feedId}` });

    say(hello, feed(1), feed(2), feed(3));
    expect(violations).toEqual([]);
    say(feed(4));

    expect(violations).toEqual(['tooManyFeeds']);
    expect(refusal(sent)?.message).toContain('more than 3 feeds');
  });

  it('ends when its agent may not have it any more, and tells the agent to show itself anew', () => {
    const { say, sent, told, revoke, session } = setUp();
    say(hello);

    revoke[0]?.('its credentials have expired');
    say(openFeed(1));
    session.send({ $case: 'heartbeat', value: { sentAtMs: 1 } });

    expect(sent.at(-1)).toEqual({
      $case: 'reconnect',
      value: { afterMs: 1000, reason: 'its credentials have expired' },
    });
    expect(told.slice(1)).toEqual(['unwatched', 'end', 'closed: its credentials have expired']);
  });

  it.each<[string, Says[]]>([
    ['a first message that is not hello', [{ $case: 'heartbeat', value: { sentAtMs: 1 } }]],
    ['hello twice', [hello, hello]],
    ['a batch of a feed that was not opened', [hello, ...partsOf(1, 1e6)]],
    ['a feed number used twice', [hello, openFeed(3), openFeed(3)]],
    ['a feed number that falls', [hello, openFeed(3), openFeed(2)]],
    ['a feed number of zero', [hello, openFeed(0)]],
    ['a piece that is missing', [hello, openFeed(1), partsOf(1, 100)[1]!]],
  ])('refuses %s', (_what, messages) => {
    const { say, sent, told } = setUp();

    say(...messages);

    expect(refusal(sent)?.code).toBe(RefusalCode.PROTOCOL_VIOLATION);
    expect(told.at(-2)).toBe('end');
    expect(told.at(-1)).toMatch(/^closed: refused/);
  });

  it('refuses an agent without a name', () => {
    const { say, sent } = setUp();

    say({ ...hello, value: { ...hello.value, agentId: '' } });

    expect(refusal(sent)?.message).toContain('names no agent');
  });

  it('refuses a batch for which there is no credit', () => {
    const { say, sent, state, received } = setUp();
    say(hello, openFeed(1));
    state.credit = false;

    say(...partsOf(1, 1e6));

    expect(refusal(sent)?.message).toContain('without credit');
    expect(received).toHaveLength(0);
  });

  it('hands whole batches to the writer', () => {
    const { say, received } = setUp();

    say(hello, openFeed(1), ...partsOf(1, 50));

    expect(received).toHaveLength(1);
  });

  it('ignores feeds of an epoch that has ended', () => {
    const { say, received, kinds, state } = setUp();
    say(hello, openFeed(1, { epoch: 0 }), ...partsOf(1, 1e6), openFeed(2));
    state.feeds = false;

    say(...partsOf(2, 1e6));

    expect(received).toHaveLength(0);
    expect(kinds()).toEqual(['welcome']);
  });

  it('takes where quiet feeds stand, for credit, and leaves out those that it has not open', () => {
    const { say, marks, charged, state, sent } = setUp();
    const feeds = [1, 7].map((feedId) => ({ feedId, resourceVersion: '90', ageSeconds: 3 }));
    const checkpoints = (epoch: number): Says => ({
      $case: 'checkpoints',
      value: { account: 'prod', epoch, readAtMs: 10_000, feeds },
    });

    say(hello, openFeed(1), checkpoints(1), checkpoints(0));

    expect(marks).toMatchObject([
      { feedId: 1, record: { type: 'checkpoint', resourceVersion: '90', readAtMs: 7000 } },
    ]);
    expect(charged).toEqual([128]);
    state.credit = false;
    say(checkpoints(1));
    expect(refusal(sent)?.message).toMatch(/without credit/);
  });

  it('gives back what an unfinished batch was charged when its feed is opened anew', () => {
    const { say, told, received } = setUp();
    const [first] = partsOf(1, 50);

    say(hello, openFeed(1), first!, openFeed(2), ...partsOf(2, 1e6));

    expect(told.filter((line) => line.startsWith('given back'))).toHaveLength(1);
    expect(received).toHaveLength(1);
  });

  /** The bridge's timer goes on by steps of five seconds. */
  async function pass(clock: FakeClock, seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed += 5) await clock.advance(5000);
  }

  it('sends heartbeats, and gives up on a link that is silent before 90 s are over', async () => {
    const { say, clock, told, kinds } = setUp();
    say(hello);
    await settled();

    await pass(clock, 55);
    expect(kinds()).toEqual(['welcome', 'heartbeat', 'heartbeat']);
    await pass(clock, 5);

    expect(told.at(-1)).toBe('closed: nothing was heard for 60 s');
  });

  it('gives up sooner where another agent stands by', async () => {
    const { say, clock, told, state } = setUp();
    say(hello);
    await pass(clock, 40);
    expect(told).toEqual(['opened agent-1']);

    say({ $case: 'heartbeat', value: { sentAtMs: 1 } });
    state.hasStandIn = true;
    await pass(clock, 25);
    expect(told).toEqual(['opened agent-1']);
    await pass(clock, 5);

    expect(told.at(-1)).toBe('closed: nothing was heard for 30 s');
  });

  it('stays with a link that has nothing but heartbeats to say', async () => {
    const { say, clock, told } = setUp();
    say(hello);
    for (let beat = 0; beat < 10; beat += 1) {
      await pass(clock, 20);
      say({ $case: 'heartbeat', value: { sentAtMs: 1 } });
    }

    expect(told).toEqual(['opened agent-1']);
  });

  it('does not take a clock that is set, or a pause of its own, for silence', async () => {
    const { say, clock, told } = setUp();
    say(hello);
    await settled();

    await clock.advance(3_600_000);

    expect(told).toEqual(['opened agent-1']);
  });

  it('gives up on an agent that does not read', () => {
    const { say, session, state, told } = setUp();
    say(hello);
    state.backlog = 20_001;

    session.send({ $case: 'heartbeat', value: { sentAtMs: 1 } });

    expect(told.at(-1)).toBe('closed: its agent does not read');
  });

  it('is closed once, whoever closes it', () => {
    const { say, session, told } = setUp();
    say(hello, { $case: 'goodbye', value: { reason: 'update' } });

    session.lost('the connection broke');
    say(openFeed(1));

    expect(told).toEqual([
      ...['opened agent-1', 'unwatched', 'end'],
      'closed: its agent stopped: update',
    ]);
  });
});
