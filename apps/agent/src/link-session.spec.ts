import type { BatchPart } from '@fairlead/protocol';
import { LinkSession, type AccountMessage, type BridgeMessageBody } from './link-session.ts';
import type { Link } from './link.ts';
import { FakeStream, welcome } from './testing/fake-stream.ts';
import { ManualClock } from './testing/manual-clock.ts';

function setUp() {
  const stream = new FakeStream();
  const clock = new ManualClock();
  const opened: Link[] = [];
  const messages: AccountMessage[] = [];
  const needed: number[] = [];
  const session = new LinkSession({
    open: () => stream.asLinkStream,
    hello: { agentId: 'agent', instanceId: 'i', agentVersion: '1', zone: '', codecs: [] },
    clock,
    onOpen: (link) => opened.push(link),
    onMessage: (message) => messages.push(message),
    onNeedTunnels: (count) => needed.push(count),
  });
  const cases = () => stream.written.map(({ $case }) => $case);
  return { stream, clock, opened, messages, needed, session, cases };
}

function opened() {
  const all = setUp();
  all.stream.say(welcome);
  return all;
}

const aPiece = (batchSeq: number, bytes = 10): BatchPart => ({
  ...{ feedId: 1, batchSeq, part: 0, last: true, codec: 1, uncompressedBytes: bytes },
  payload: new Uint8Array(bytes),
});
const heartbeat: BridgeMessageBody = { $case: 'heartbeat', value: { sentAtMs: 0 } };

describe(LinkSession, () => {
  it('says hello first, and is open with the terms of the welcome', () => {
    const { stream, opened: links, session } = opened();

    expect(stream.written[0]).toMatchObject({
      $case: 'hello',
      value: { protocolVersions: [1], agentId: 'agent' },
    });
    expect(links).toEqual([session]);
    expect(session.terms).toEqual({
      bridgeId: 'bridge-1',
      codec: 'zstd',
      maxBatchBytes: 1024 * 1024,
      maxPartBytes: 1024 * 1024,
      hasAntiEntropy: true,
      tunnelTicket: '',
    });
  });

  it('ends when the bridge does not answer', async () => {
    const { clock, session, stream } = setUp();

    await clock.advance(20_000);

    expect(await session.ended).toMatchObject({
      wasOpen: false,
      reason: expect.stringContaining('in time'),
    });
    expect(stream.isCancelled).toBe(true);
  });

  it.each([
    ['another version', { ...welcome.value, protocolVersion: 9 }, 'protocol version 9'],
    ['a compression of the future', { ...welcome.value, codec: 77 }, 'unknown compression'],
  ])('ends when the bridge chooses %s', async (_name, value, reason) => {
    const { stream, session, opened: links } = setUp();

    stream.say({ $case: 'welcome', value } as BridgeMessageBody);

    expect((await session.ended).reason).toContain(reason);
    expect(links).toEqual([]);
  });

  it('ends with the reason when the bridge refuses', async () => {
    const { stream, session } = setUp();

    stream.say({
      $case: 'refused',
      value: { code: 1, message: 'too old', supportedVersions: [2] },
    });

    expect((await session.ended).reason).toBe('the bridge refused the link: too old');
  });

  it('writes in order, stops when the stream has enough, goes on when it drained', () => {
    const { stream, session, cases } = opened();
    stream.hasRoom = false;
    for (let index = 0; index < 3; index += 1) session.send(heartbeat);
    expect(cases()).toHaveLength(2);

    stream.hasRoom = true;
    stream.emit('drain');

    expect(cases()).toHaveLength(4);
  });

  it('asks for no second piece of a snapshot before the first is written, but for changes', () => {
    const { stream, session } = opened();
    const asked: string[] = [];
    session.attach({
      next: (which) => {
        asked.push(which);
        return asked.length > 3 ? undefined : aPiece(asked.length);
      },
    });

    session.wake();
    expect(asked).toEqual(['any', 'live', 'live', 'live']);
    stream.writtenOut();

    expect(asked).toEqual(['any', 'live', 'live', 'live', 'live', 'live', 'any']);
  });

  it('gives the stream no more than a message full of pieces that it has not written', () => {
    const { stream, session, cases } = opened();
    session.attach({ next: () => aPiece(1, 600_000) });

    session.wake();
    expect(cases()).toEqual(['hello', 'batchPart', 'batchPart']);
    stream.writtenOut();

    expect(cases()).toHaveLength(5);
  });

  it('sends messages before the pieces that it has not asked for, after those that it has', () => {
    const { session, cases } = opened();
    let pieces = 0;
    session.attach({
      next: () => {
        pieces += 1;
        if (pieces > 2) return undefined;
        session.send(heartbeat);
        return aPiece(pieces);
      },
    });

    session.send({ $case: 'goodbye', value: { reason: 'no' } });
    session.wake();
    expect(cases()).toEqual(['hello', 'goodbye']);

    const other = opened();
    let left = 2;
    other.session.attach({
      next: () => {
        if (left === 0) return undefined;
        left -= 1;
        other.session.send(heartbeat);
        return aPiece(left);
      },
    });
    other.session.wake();
    expect(other.cases()).toEqual(['hello', 'batchPart', 'heartbeat', 'batchPart', 'heartbeat']);
  });

  it('sends heartbeats, and takes a silent bridge for dead within 90 s', async () => {
    const { stream, clock, session, cases } = opened();

    await clock.advance(40_000);
    expect(cases().filter((name) => name === 'heartbeat')).toHaveLength(2);
    stream.say(heartbeat);
    await clock.advance(59_000);
    expect(session.closed.aborted).toBe(false);
    await clock.advance(21_000);

    expect((await session.ended).reason).toBe('the bridge has fallen silent');
  });

  it('adds no heartbeats to a stream that takes nothing', async () => {
    const { stream, clock, session, cases } = opened();
    stream.hasRoom = false;
    session.send(heartbeat);
    session.send(heartbeat);

    await clock.advance(40_000);

    expect(cases()).toEqual(['hello', 'heartbeat']);
  });

  it('goes away as long as the bridge asks', async () => {
    const { stream, session } = opened();

    stream.say({ $case: 'reconnect', value: { afterMs: 1234, reason: 'update' } });

    expect(await session.ended).toEqual({
      reason: 'the bridge asks to reconnect: update',
      comeBackAfterMs: 1234,
      wasOpen: true,
    });
  });

  it('takes no new batches after a drain, but still listens', () => {
    const { stream, session, messages } = opened();

    stream.say({ $case: 'drain', value: { deadlineMs: 1000 } });
    stream.say({ $case: 'ack', value: { feedId: 1, batchSeq: 1 } });

    expect(session.isDraining).toBe(true);
    expect(messages).toHaveLength(1);
  });

  it('leaves a bridge that has drained and does not end the link', async () => {
    const { stream, session, clock } = opened();

    stream.say({ $case: 'drain', value: { deadlineMs: 5000 } });
    await clock.advance(6_000);

    expect((await session.ended).reason).toBe('the bridge has drained');
  });

  it('hands on nothing before the welcome', () => {
    const { stream, messages } = setUp();

    stream.say({ $case: 'ack', value: { feedId: 1, batchSeq: 1 } });

    expect(messages).toEqual([]);
  });

  it('ends with the reason when it breaks, and takes nothing more', async () => {
    const { stream, session } = opened();
    stream.hasRoom = false;
    session.send(heartbeat);

    stream.emit('error', Object.assign(new Error('14 UNAVAILABLE: cut'), { details: 'cut' }));
    session.send(heartbeat);

    expect(stream.written).toHaveLength(2);

    expect((await session.ended).reason).toBe('cut');
    expect(session.closed.aborted).toBe(true);
  });

  it('leaves with a goodbye after what was sent, and waits a moment for the bridge', async () => {
    const { stream, session, clock, cases } = opened();
    stream.hasRoom = false;
    session.send(heartbeat);

    const left = session.leave('the agent stops');
    stream.hasRoom = true;
    stream.emit('drain');
    expect(cases()).toEqual(['hello', 'heartbeat', 'goodbye']);
    expect([stream.isEnded, stream.isCancelled]).toEqual([true, false]);
    await clock.advance(3_000);

    await left;
    expect(stream.isCancelled).toBe(true);
  });
});
