import { createBackoff } from '@fairlead/service-kit';
import { LinkClient } from './link-client.ts';
import { FakeStream, welcome } from './testing/fake-stream.ts';
import { ManualClock, settle } from './testing/manual-clock.ts';

function setUp(failures: readonly string[] = []) {
  const clock = new ManualClock();
  const streams: FakeStream[] = [];
  const closed: number[] = [];
  const events: string[] = [];
  const stop = new AbortController();
  const left = [...failures];
  const client = new LinkClient({
    dial: () => {
      const failure = left.shift();
      if (failure !== undefined) return Promise.reject(new Error(failure));
      const stream = new FakeStream();
      const number = streams.push(stream);
      return Promise.resolve({
        stream: stream.asLinkStream,
        openTunnel: () => {
          throw new Error('no tunnels here');
        },
        close: () => void closed.push(number),
      });
    },
    hello: { agentId: 'agent', instanceId: 'i', agentVersion: '1', zone: '', codecs: [] },
    clock,
    backoff: createBackoff(
      { next: () => 0.5 },
      { baseDelayMs: 1000, multiplier: 2, maxDelayMs: 8000 },
    ),
    listener: {
      up: () => events.push('up'),
      down: ({ reason, retryInMs }) => events.push(`down ${retryInMs} ${reason}`),
      message: ({ $case }) => events.push($case),
    },
    tunnels: {
      clock: { after: () => () => undefined },
      findHandler: () => undefined,
      onFault: (error) => events.push(String(error)),
      onCrowd: () => undefined,
    },
  });
  const running = client.run(stop.signal);
  return { clock, streams, closed, events, stop, client, running };
}

describe(LinkClient, () => {
  it('dials with growing pauses, each time on a channel of its own', async () => {
    const { clock, events, streams } = setUp(['no token', 'no token', 'no token']);

    await clock.advance(1000 + 2000 + 4000);

    expect(events).toEqual(['down 1000 no token', 'down 2000 no token', 'down 4000 no token']);
    expect(streams).toHaveLength(1);
  });

  it('starts over with short pauses after a healthy link, and frees the channel', async () => {
    const { clock, streams, closed, events } = setUp(['down', 'down']);
    await clock.advance(3000);
    streams[0]!.say(welcome);
    await clock.advance(15_000);

    streams[0]!.emit('end');
    await settle();

    expect(events.slice(2)).toEqual(['up', 'down 1000 the bridge ended the link']);
    expect(closed).toEqual([1]);
  });

  it('does not hurry back to a bridge that ends each link at once', async () => {
    const { clock, streams, events } = setUp();
    for (const pause of [1000, 2000, 4000]) {
      await settle();
      streams.at(-1)!.say(welcome);
      streams.at(-1)!.emit('end');
      await settle();
      await clock.advance(pause);
    }

    const pauses = events
      .filter((event) => event.startsWith('down'))
      .map((event) => event.split(' ')[1]);
    expect(pauses).toEqual(['1000', '2000', '4000']);
  });

  it('dials at once when told to, also out of a pause', async () => {
    const { streams, client, events } = setUp(['down']);
    await settle();

    client.reconnect('changed');
    await settle();
    expect(streams).toHaveLength(1);
    streams[0]!.say(welcome);
    client.reconnect('changed');
    await settle();
    await settle();

    expect(events.at(-1)).toBe('down 0 changed');
  });

  it('ends with its signal, whatever is under way', async () => {
    const connected = setUp();
    await settle();
    const pausing = setUp(['down']);
    await settle();

    connected.stop.abort();
    pausing.stop.abort();

    await Promise.all([connected.running, pausing.running]);
    expect(connected.streams[0]!.isCancelled).toBe(true);
  });
});
