import { ApiTunnelError, type ApiRequest, type ApiResponse } from '@fairlead/api-tunnel';
import { type AheadFate, type AheadObject } from '../ahead-object.ts';
import { aFeed, wholeView } from '../../tests/deltas.ts';
import { FakeClock, settled } from '../../tests/fake-clock.ts';
import { readYourWrites } from './read-your-writes.ts';
import { type ViewedFeed } from './found-object.ts';

const pods = '/api/v1/namespaces/ns/pods';
const json = { 'content-type': 'application/json' };

const aPod = (resourceVersion: string, more: object = {}) => ({
  ...{ kind: 'Pod', apiVersion: 'v1' },
  metadata: { name: 'p', namespace: 'ns', uid: 'u', resourceVersion, ...more },
});

const listed = (items: readonly object[], resourceVersion = '20') =>
  Buffer.from(
    JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion }, items }),
  );

interface SetUp {
  readonly answer?: ApiResponse;
  /** What a read brings. */
  readonly list?: Uint8Array;
  readonly view?: Partial<ViewedFeed['view']> | 'none';
  readonly commits?: boolean;
}

function setUp({ answer, list, view = {}, commits = true }: SetUp = {}) {
  const clock = new FakeClock();
  const written: AheadObject[] = [];
  const fates: string[] = [];
  const targets: string[] = [];
  const faults: unknown[] = [];
  const { promise: never } = Promise.withResolvers<AheadFate>();
  const feed = { ...aFeed(1), view: view === 'none' ? undefined : { ...wholeView, ...view } };
  const writer = {
    feedOf: ({ resource }: { readonly resource: string }) =>
      resource === 'pods' ? feed : undefined,
    writeAhead: (found: AheadObject) => {
      written.push(found);
      return commits ? Promise.resolve<AheadFate>('committed') : never;
    },
  };
  const next = (request: ApiRequest): Promise<ApiResponse> => {
    targets.push(`${request.method} ${request.target}`);
    if (request.method !== 'GET') {
      const body = Buffer.from(JSON.stringify(aPod('10')));
      return Promise.resolve(answer ?? { status: 200, headers: json, body });
    }
    return list === undefined
      ? Promise.reject(new ApiTunnelError('unavailable', 'away'))
      : Promise.resolve({ status: 200, headers: json, body: list });
  };
  const layer = readYourWrites({
    ...{ writerOf: () => writer, clock },
    settled: (_account, fate) => void fates.push(fate),
    fault: (error) => void faults.push(error),
  });
  const send = (method: string, target: string, headers: Record<string, string> = {}) =>
    layer(
      'prod',
      next,
    )({
      ...{ method, target, headers, upgrade: '', body: new Uint8Array() },
      ...{ caller: 'me', signal: new AbortController().signal },
    });
  return { clock, written, fates, targets, faults, send };
}

const shown = (written: readonly AheadObject[]) =>
  written.map(({ name, resourceVersion, object }) =>
    [name, resourceVersion, object === undefined ? 'gone' : 'there'].join(' '),
  );

describe(readYourWrites, () => {
  it.each([
    ['POST', pods],
    ['PUT', `${pods}/p`],
    ['PATCH', `${pods}/p`],
    ['PATCH', `${pods}/p/status`],
  ])(
    'has the object of the answer to %s %s committed before the answer is whole',
    async (...of) => {
      const { send, written, fates, targets } = setUp();

      const response = await send(...of);

      expect(response.status).toBe(200);
      expect(shown(written)).toEqual(['p 10 there']);
      expect(fates).toEqual(['committed']);
      expect(targets).toHaveLength(1);
    },
  );

  it('reads along while the answer passes, and keeps only its last piece', async () => {
    const text = JSON.stringify(aPod('10'));
    const body = (async function* () {
      yield Promise.resolve(Buffer.from(text.slice(0, 20)));
      yield Promise.resolve(Buffer.from(text.slice(20)));
    })();
    const { send, written } = setUp({ answer: { status: 201, headers: json, body } });

    const response = await send('POST', pods);
    const passed: string[] = [];
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      passed.push(`${written.length} ${String(chunk).length}`);
    }

    expect(passed).toEqual(['0 20', `1 ${text.length - 20}`]);
  });

  it('lets the answer go after 50 ms, and commits all the same', async () => {
    const { send, clock, written } = setUp({ commits: false });
    let isAnswered = false;
    void send('POST', pods).then(() => (isAnswered = true));
    await settled();
    await clock.advance(49);
    const early = isAnswered;
    await clock.advance(1);
    await settled();

    expect([early, isAnswered]).toEqual([false, true]);
    expect(written).toHaveLength(1);
  });

  it.each<[string, string, string, SetUp, Record<string, string>]>([
    ['a deletion', 'DELETE', `${pods}/p`, {}, {}],
    ['a subresource that answers something else', 'POST', `${pods}/p/eviction`, {}, {}],
    ['a table', 'PUT', `${pods}/p`, {}, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }],
    [
      'protobuf',
      'PUT',
      `${pods}/p`,
      {
        answer: {
          status: 200,
          headers: { 'content-type': 'application/vnd.kubernetes.protobuf' },
          body: Buffer.from('k8s'),
        },
      },
      {},
    ],
    [
      'a compressed answer',
      'PUT',
      `${pods}/p`,
      {
        answer: {
          status: 200,
          headers: { ...json, 'content-encoding': 'gzip' },
          body: Buffer.from('x'),
        },
      },
      {},
    ],
    [
      'an object on its way out',
      'PATCH',
      `${pods}/p`,
      {
        answer: {
          status: 200,
          headers: json,
          body: Buffer.from(JSON.stringify(aPod('10', { deletionTimestamp: 'now' }))),
        },
      },
      {},
    ],
    ['another version than the feed reads', 'PUT', '/api/v2/namespaces/ns/pods/p', {}, {}],
    ['a feed of metadata alone', 'POST', pods, { view: { metadataOnly: true } }, {}],
  ])('reads the object after %s', async (_what, method, target, more, headers) => {
    const { send, written, targets } = setUp({ list: listed([aPod('15')]), ...more });

    await send(method, target, headers);

    expect(targets[1]).toBe(`GET ${pods}?fieldSelector=metadata.name%3Dp`);
    expect(shown(written)).toEqual(['p 15 there']);
  });

  it('says of what is gone at which version it was', async () => {
    const { send, written } = setUp({ list: listed([]) });

    await send('DELETE', `${pods}/p`);

    expect(shown(written)).toEqual(['p 20 gone']);
  });

  it('counts what could not be read, and answers as ever', async () => {
    const { send, fates, faults } = setUp();

    const { status } = await send('DELETE', `${pods}/p`);

    expect(status).toBe(200);
    expect([fates, faults]).toEqual([['unread'], []]);
  });

  it.each<[string, string, string, SetUp]>([
    ['a read', 'GET', `${pods}/p`, { list: listed([]) }],
    ['a dry run', 'POST', `${pods}?dryRun=All`, {}],
    ['a type that is not stored', 'POST', '/api/v1/namespaces/ns/services', {}],
    ['an agent that does not tell what leaves', 'POST', pods, { view: 'none' }],
    [
      'a refusal',
      'POST',
      pods,
      { answer: { status: 409, headers: json, body: Buffer.from(JSON.stringify(aPod('1'))) } },
    ],
  ])('leaves %s alone', async (_what, method, target, more) => {
    const { send, written, targets } = setUp(more);

    await send(method, target);

    expect(written).toEqual([]);
    expect(targets).toHaveLength(1);
  });
});
