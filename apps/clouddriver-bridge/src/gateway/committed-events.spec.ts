import { FakeClock } from '../../tests/fake-clock.ts';
import { type RowChange } from './kind-journal.ts';
import { CommittedEvents } from './committed-events.ts';

const anObject = (version: string) =>
  Buffer.from(JSON.stringify({ metadata: { uid: 'u', resourceVersion: version } }));

function change(parts: { was?: string; is?: string; at?: string }): RowChange {
  const { was, is, at = is ?? '' } = parts;
  return {
    ...{ id: 'x', namespace: 'a', name: 'x', resourceVersion: at },
    before: was === undefined ? undefined : anObject(was),
    after: is === undefined ? undefined : anObject(is),
  };
}

function aStream() {
  const clock = new FakeClock();
  const stream = new CommittedEvents({ clock, streamId: 's' });
  const commit = (...changes: RowChange[]) =>
    stream.committed({ account: 'prod', type: 'pod', changes });
  return { clock, stream, commit };
}

describe(CommittedEvents, () => {
  it('tells what came, changed and went, and nothing of what stayed', () => {
    const { stream, commit } = aStream();
    stream.listen(() => undefined);
    const place = stream.tip;

    commit(change({ is: '1' }), change({ was: '1', is: '1' }), change({ was: '1', is: '2' }));
    commit(change({ was: '2', at: '3' }), change({}));

    const read = stream.read(place, 10);
    expect(read).toMatchObject({
      events: [
        { type: 'added', account: 'prod', kind: 'pod', resourceVersion: '1', uid: 'u' },
        { type: 'modified', resourceVersion: '2' },
        { type: 'deleted', resourceVersion: '3', committedAt: '2023-11-14T22:13:20.000Z' },
      ],
    });
  });

  it('leads on from any of its ids, and from no other', () => {
    const { stream, commit } = aStream();
    stream.listen(() => undefined);
    const place = stream.tip;
    commit(change({ is: '1' }), change({ is: '2' }));

    expect(stream.placeAfter(stream.idOf(place))).toBe(place + 1);
    expect(stream.placeAfter(`other.${place}`)).toBeUndefined();
    expect(stream.placeAfter('s.')).toBeUndefined();
    expect(stream.read(place + 99, 1)).toEqual({ kind: 'lost' });
  });

  it('follows for two minutes after the last listener has gone, and not longer', async () => {
    const { clock, stream, commit } = aStream();
    expect(stream.isFollowing).toBe(false);
    const stop = stream.listen(() => undefined);
    const place = stream.tip;
    stop();
    await clock.advance(119_000);
    expect(stream.isFollowing).toBe(true);
    commit(change({ is: '1' }));

    stream.listen(() => undefined)();
    expect(stream.read(place, 1)).toMatchObject({ kind: 'events' });
    await clock.advance(121_000);

    expect(stream.isFollowing).toBe(false);
    expect(stream.read(place, 1)).toEqual({ kind: 'lost' });
    stream.listen(() => undefined);
    expect(stream.read(place + 1, 1)).toEqual({ kind: 'lost' });
  });

  it('forgets the oldest', () => {
    const { stream, commit } = aStream();
    stream.listen(() => undefined);
    const place = stream.tip;
    const many = Array.from({ length: 30_000 }, (_, at) => change({ is: String(at + 1) }));

    for (let at = 0; at < many.length; at += 1000) commit(...many.slice(at, at + 1000));

    expect(stream.read(place, 1)).toEqual({ kind: 'lost' });
    expect(stream.read(stream.tip - 1, 1)).toMatchObject({
      events: [{ resourceVersion: '30000' }],
    });
    expect(stream.read(stream.tip - 20_000, 1)).toMatchObject({ kind: 'events' });
  });

  it('tells listeners of each commit until they stop', () => {
    const { stream, commit } = aStream();
    let heard = 0;
    const stop = stream.listen(() => (heard += 1));

    commit(change({ is: '1' }));
    stop();
    commit(change({ is: '2' }));

    expect(heard).toBe(1);
  });
});
