import { FakeClock, settled } from '../tests/fake-clock.ts';
import { anybody } from './access/api-client.ts';
import { eventLines } from './api-events.ts';
import { CommittedEvents } from './gateway/committed-events.ts';

function aStream(parts: { lastEventId?: string; kind?: string } = {}) {
  const clock = new FakeClock();
  const events = new CommittedEvents({ clock, streamId: 's' });
  const [gone, stopping] = [new AbortController(), new AbortController()];
  const open = (lastEventId?: string) =>
    eventLines({
      ...{ events, clock, lastEventId, gone: gone.signal, stopping: stopping.signal },
      clientOf: () => anybody,
      isWanted: ({ kind }) => parts.kind === undefined || kind === parts.kind,
    });
  const commit = (name: string, type = 'pod') => {
    const after = Buffer.from('{"metadata":{"uid":"u","resourceVersion":"1"}}');
    const change = {
      id: name,
      namespace: 'a',
      name,
      before: undefined,
      after,
      resourceVersion: '1',
    };
    events.committed({ account: 'prod', type, changes: [change] });
  };
  return { clock, events, gone, stopping, open, commit };
}

describe(eventLines, () => {
  it('tells of what is wanted, each with an id', async () => {
    const { open, commit } = aStream({ kind: 'pod' });
    const lines = open();
    await lines.next();
    const next = lines.next();
    await settled();

    commit('s', 'service');
    await settled();
    commit('p');

    const { value } = await next;
    expect(value).toMatch(
      /^id: s\.\d+\nevent: change\ndata: {"account":"prod".*"name":"p".*}\n\n$/,
    );
  });

  it('goes on after the last event that was seen', async () => {
    const { open, commit } = aStream();
    const lines = open();
    await lines.next();
    const next = lines.next();
    await settled();
    commit('p');
    const id = /^id: (.*)$/m.exec(String((await next).value))?.[1];
    await lines.return();
    commit('q');

    const again = open(id);
    await again.next();

    expect((await again.next()).value).toContain('"name":"q"');
  });

  it('says that something was lost when it cannot go on, and then goes on', async () => {
    const { open, commit } = aStream();
    const lines = open('other.5');
    await lines.next();

    expect((await lines.next()).value).toMatch(/^id: s\.-?\d+\nevent: lost\n/);
    const next = lines.next();
    await settled();
    commit('p');
    expect((await next).value).toContain('"name":"p"');
  });

  it('says something from time to time', async () => {
    const { open, clock } = aStream();
    const lines = open();
    await lines.next();
    const next = lines.next();
    await settled();

    await clock.advance(15_000);

    expect((await next).value).toBe(':\n\n');
  });

  it.each(['gone', 'stopping'] as const)(
    'ends when the one is %s, and listens no more',
    async (why) => {
      const stream = aStream();
      const lines = stream.open();
      await lines.next();
      const next = lines.next();
      await settled();

      stream[why].abort();

      // The last thing said may be that there is nothing.
      const said = await next;
      expect(said.done === true ? said : await lines.next()).toEqual({
        done: true,
        value: undefined,
      });
      await stream.clock.advance(120_001);
      expect(stream.events.isFollowing).toBe(false);
    },
  );
});
