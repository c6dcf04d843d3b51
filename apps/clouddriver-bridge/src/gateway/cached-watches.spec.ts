import { type ApiResponse } from '@fairlead/api-tunnel';
import { settled } from '../../tests/fake-clock.ts';
import { jsonOf } from '../../tests/gateway-requests.ts';
import { aPodObject, ReadStand } from '../../tests/read-stand.ts';
import { CachedWatches } from './cached-watches.ts';

interface Line {
  readonly type: string;
  readonly object: {
    readonly code?: number;
    readonly metadata: {
      readonly name?: string;
      readonly resourceVersion?: string;
      readonly annotations?: object;
    };
  };
}

/** A watch whose lines are taken one by one. */
class Watching {
  readonly pieces: Uint8Array[] = [];
  readonly #lines: AsyncIterator<Uint8Array>;

  constructor({ body }: ApiResponse) {
    this.#lines =
      body instanceof Uint8Array
        ? (async function* () {
            yield Promise.resolve(body);
          })()
        : body[Symbol.asyncIterator]();
  }

  /** The next line, in few words; `end` if there is none. */
  async next(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done === true) return 'end';
    this.pieces.push(value);
    const { type, object } = JSON.parse(Buffer.from(value).toString()) as Line;
    const { name = '', resourceVersion = '' } = object.metadata;
    return [type, name, object.code ?? resourceVersion].filter((word) => word !== '').join(' ');
  }

  async take(count: number): Promise<readonly string[]> {
    const lines: string[] = [];
    while (lines.length < count) lines.push(await this.next());
    return lines;
  }

  async leave(): Promise<void> {
    await this.#lines.return?.();
  }
}

const pods = '/api/v1/pods?fairlead=cache&watch=true';

async function aStand(limits?: ConstructorParameters<typeof ReadStand>[0]): Promise<ReadStand> {
  const stand = new ReadStand(limits);
  await stand.commit({ put: [aPodObject('x', 10), aPodObject('y', 11)], checkpoint: 100 });
  return stand;
}

const watch = async (stand: ReadStand, more = '', signal?: AbortSignal) =>
  new Watching(await stand.ask(`${pods}${more}`, signal && { signal }));

describe(CachedWatches, () => {
  it('goes on from the version of a list', async () => {
    const stand = await aStand();
    const list = await jsonOf<Line['object']>(await stand.ask('/api/v1/pods?fairlead=cache'));
    await stand.commit({ put: [aPodObject('x', 101)], checkpoint: 101 });
    const watching = await watch(
      stand,
      `&resourceVersion=${String(list.metadata.resourceVersion)}`,
    );

    expect(await watching.next()).toBe('MODIFIED x 101');
    const next = watching.take(2);
    await settled();
    await stand.commit({
      put: [aPodObject('z', 102)],
      gone: [['y', 103]],
      checkpoint: 103,
    });

    expect(await next).toEqual(['ADDED z 102', 'DELETED y 103']);
    expect(stand.observed.at(-1)).toEqual({ verb: 'watch', status: 200 });
  });

  it('begins with what is there when no version is given', async () => {
    const stand = await aStand();
    const watching = await watch(stand);

    expect(await watching.take(2)).toEqual(['ADDED x 10', 'ADDED y 11']);
    const next = watching.next();
    await settled();
    await stand.commit({ put: [aPodObject('x', 101)], checkpoint: 101 });
    expect(await next).toBe('MODIFIED x 101');
  });

  it('says when what is there is all told', async () => {
    const stand = await aStand();
    const streaming = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
    const watching = await watch(stand, `&${streaming}&allowWatchBookmarks=true`);

    expect(await watching.take(3)).toEqual(['ADDED x 10', 'ADDED y 11', 'BOOKMARK 100']);
    expect(Buffer.from(watching.pieces[2]!).toString()).toContain(
      '"annotations":{"k8s.io/initial-events-end":"true"}',
    );
  });

  it('shows through a selector what comes into sight and goes out of it', async () => {
    const stand = await aStand();
    const watching = await watch(stand, '&resourceVersion=100&labelSelector=app%3Dweb');
    const lines = watching.take(3);
    await settled();

    await stand.commit({ put: [aPodObject('x', 101, { labels: { app: 'db' } })], checkpoint: 101 });
    await stand.commit({
      put: [aPodObject('x', 102, { labels: { app: 'db2' } })],
      checkpoint: 102,
    });
    await stand.commit({ put: [aPodObject('x', 103)], checkpoint: 103 });
    await stand.commit({ gone: [['x', 104]], checkpoint: 104 });

    expect(await lines).toEqual(['DELETED x 101', 'ADDED x 103', 'DELETED x 104']);
  });

  it('shows one namespace', async () => {
    const stand = await aStand();
    const target = '/api/v1/namespaces/b/pods?fairlead=cache&watch=1&resourceVersion=100';
    const watching = new Watching(await stand.ask(target));
    const line = watching.next();
    await settled();

    await stand.commit({ put: [aPodObject('x', 101)], checkpoint: 101 });
    await stand.commit({ put: [aPodObject('x', 102, { namespace: 'b' })], checkpoint: 102 });

    expect(await line).toBe('ADDED x 102');
  });

  it('has an object of which a list says that it is gone in full', async () => {
    const stand = await aStand();
    const watching = await watch(stand, '&resourceVersion=100');
    const line = watching.next();
    await settled();

    await stand.commit({ gone: [['x', 105]], checkpoint: 105 });

    expect(await line).toBe('DELETED x 105');
    const { object } = JSON.parse(Buffer.from(watching.pieces[0]!).toString()) as Line;
    expect(object).toMatchObject({ kind: 'Pod', spec: { nodeName: 'n1' } });
  });

  it('tells from time to time how far it is, also when nothing happens', async () => {
    const stand = await aStand();
    const watching = await watch(stand, '&resourceVersion=100&allowWatchBookmarks=true');
    const line = watching.next();
    await settled();
    await stand.commit({ checkpoint: 140 });

    await stand.clock.advance(60_000);

    expect(await line).toBe('BOOKMARK 140');
  });

  it('does not tell a client that is ahead that it is behind', async () => {
    const stand = await aStand();
    const watching = await watch(stand, '&resourceVersion=200&allowWatchBookmarks=true');
    const line = watching.next();
    await settled();
    await stand.clock.advance(60_000);
    await stand.commit({ put: [aPodObject('x', 150)], checkpoint: 150 });
    await stand.commit({ put: [aPodObject('x', 201)], checkpoint: 201 });

    expect(await line).toBe('MODIFIED x 201');
  });

  it('ends when its time is over, with a last bookmark', async () => {
    const stand = await aStand();
    const ends = '&resourceVersion=100&allowWatchBookmarks=true&timeoutSeconds=7';
    const watching = await watch(stand, ends);
    const lines = watching.take(2);
    await settled();

    await stand.clock.advance(7000);

    expect(await lines).toEqual(['BOOKMARK 100', 'end']);
  });

  it.each([
    ['nobody waits', (_stand: ReadStand, client: AbortController) => client.abort()],
    ['the account is fed no longer', (stand: ReadStand) => stand.journal.close()],
  ])('ends when %s', async (_when, end) => {
    const stand = await aStand();
    const client = new AbortController();
    const watching = await watch(stand, '&resourceVersion=100', client.signal);
    const line = watching.next();
    await settled();

    end(stand, client);

    expect(await line).toBe('end');
    expect((await stand.journal.open('pod')).isWatched).toBe(false);
  });

  it('tells a client to list anew that knows less than what is remembered', async () => {
    const stand = await aStand();

    const watching = await watch(stand, '&resourceVersion=99');

    expect(await watching.take(2)).toEqual(['ERROR 410', 'end']);
  });

  it('tells a client to list anew that is too slow', async () => {
    const stand = await aStand({ totalBytes: 1e9, perKindBytes: 20_000 });
    const watching = await watch(stand, '&resourceVersion=100');
    const first = watching.next();
    await settled();
    for (let version = 101; version < 200; version += 1) {
      await stand.commit({ put: [aPodObject('x', version)], checkpoint: version });
    }
    const lines = [await first];
    while (lines.at(-1) !== 'end') lines.push(await watching.next());

    expect(lines.slice(-2)).toEqual(['ERROR 410', 'end']);
  });

  it('writes an event out once, whoever watches', async () => {
    const stand = await aStand();
    const watchers = await Promise.all(
      Array.from({ length: 200 }, () => watch(stand, '&resourceVersion=100')),
    );
    const lines = watchers.map((watching) => watching.next());
    await settled();

    await stand.commit({ put: [aPodObject('x', 101)], checkpoint: 101 });

    await Promise.all(lines);
    expect(new Set(watchers.map(({ pieces }) => pieces[0])).size).toBe(1);
  });

  it('is refused while nobody feeds the account', async () => {
    const stand = await aStand();
    stand.isFed = false;

    expect((await stand.ask(pods)).status).toBe(503);
  });

  it('goes on over several feeds from the version of a list', async () => {
    const stand = await aStand();
    stand.setFeed({ a: 150, b: 120 });
    const list = await jsonOf<Line['object']>(await stand.ask('/api/v1/pods?fairlead=cache'));
    await stand.commit({
      put: [aPodObject('n', 130, { namespace: 'b' })],
      checkpoint: { b: 130 },
    });

    const watching = await watch(
      stand,
      `&resourceVersion=${String(list.metadata.resourceVersion)}`,
    );

    expect(await watching.next()).toBe('ADDED n 130');
    await watching.leave();
  });
});
