import { type ApiRequest, type ApiResponse } from '@fairlead/api-tunnel';
import { type OpenedFeed } from '../account-feeds.ts';
import { type AheadFate, type AheadObject } from '../ahead-object.ts';
import { FeedIntake } from '../feed-intake.ts';
import { aFeed } from '../../tests/deltas.ts';
import { FakeClock } from '../../tests/fake-clock.ts';
import { refreshLayer, refreshTarget } from './refresh-object.ts';

const aPod = {
  ...{ kind: 'Pod', apiVersion: 'v1' },
  metadata: { name: 'p', namespace: 'ns', uid: 'u', resourceVersion: '7' },
};

function setUp(options: { items?: readonly object[]; status?: number; fates?: AheadFate[] } = {}) {
  const { items = [aPod], status = 200, fates = [] } = options;
  const clock = new FakeClock();
  const written: AheadObject[] = [];
  const opened = (more: Parameters<typeof aFeed>[1]): OpenedFeed => {
    const intake = new FeedIntake(aFeed(1, more), {
      context: { account: 'prod' },
      stored: undefined,
    });
    return { intake, shadowedBy: undefined, condition: 'watching', reason: '', sinceMs: 0 };
  };
  const feeds = [
    opened({ namespace: 'ns' }),
    opened({ group: 'example.com', resource: 'crontabs', kind: 'CronTab', view: undefined }),
  ];
  const writer = {
    feeds: () => feeds,
    writeAhead: (found: AheadObject) => {
      written.push(found);
      return Promise.resolve(fates.shift() ?? 'committed');
    },
  };
  const targets: string[] = [];
  const next = ({ target }: ApiRequest): Promise<ApiResponse> => {
    targets.push(target);
    const metadata = { resourceVersion: '9' };
    const list = { kind: 'PodList', apiVersion: 'v1', metadata, items, message: 'not now' };
    return Promise.resolve({ status, headers: {}, body: Buffer.from(JSON.stringify(list)) });
  };
  const ask = async (body: object, by: { method?: string; writer?: undefined } = {}) => {
    const writerOf = () => ('writer' in by ? undefined : writer);
    const asking = refreshLayer({ writerOf, clock })('prod', next)({
      ...{ method: by.method ?? 'POST', target: refreshTarget, headers: {}, upgrade: '' },
      ...{ body: Buffer.from(JSON.stringify(body)), caller: 'me' },
      signal: new AbortController().signal,
    });
    let answer: ApiResponse | undefined;
    void asking.then((value) => (answer = value));
    for (let turn = 0; turn < 60 && answer === undefined; turn += 1) await clock.advance(500);
    const { status: code, body: bytes } = await asking;
    const text = Buffer.from(bytes as Uint8Array).toString();
    return { ...(JSON.parse(text) as object), status: code };
  };
  return { ask, written, targets };
}

const pod = { kind: 'pod', namespace: 'ns', name: 'p' };

describe(refreshLayer, () => {
  it.each(['pod', 'Pod', 'pods', 'POD'])('reads by the name %s and commits', async (kind) => {
    const { ask, written, targets } = setUp();

    const answer = await ask({ ...pod, kind });

    const id = 'kubernetes.v2:infrastructure:pod:prod:ns:p';
    expect(answer).toMatchObject({
      status: 200,
      kind: 'pod',
      id,
      resourceVersion: '7',
      found: true,
    });
    expect(targets).toEqual(['/api/v1/namespaces/ns/pods?fieldSelector=metadata.name%3Dp']);
    expect(written).toHaveLength(1);
  });

  it('says that there is none, and has the row go', async () => {
    const { ask, written } = setUp({ items: [] });

    expect(await ask(pod)).toMatchObject({ status: 200, resourceVersion: '9', found: false });
    expect(written).toMatchObject([{ resourceVersion: '9', object: undefined }]);
  });

  it('waits for the end of a snapshot, and not for ever', async () => {
    const soon = setUp({ fates: ['later', 'later', 'later'] });
    const never = setUp({ fates: Array.from({ length: 200 }, () => 'later' as const) });

    expect(await soon.ask(pod)).toMatchObject({ status: 200, found: true });
    expect(await never.ask(pod)).toMatchObject({ status: 503 });
  });

  it.each<[AheadFate, number]>([
    ['passed', 200],
    ['putAside', 409],
    ['unordered', 503],
    ['noFeed', 404],
    ['stopped', 503],
  ])('answers what became of it: %s', async (fate, status) => {
    expect(await setUp({ fates: [fate] }).ask(pod)).toMatchObject({ status });
  });

  it.each([
    [{ ...pod, kind: 'service' }, 404],
    [{ ...pod, namespace: 'elsewhere' }, 404],
    [{ ...pod, namespace: '_' }, 404],
    [{ ...pod, kind: 'CronTab.example.com' }, 503],
    [{ kind: 'pod' }, 400],
    [{ ...pod, more: true }, 400],
  ])('refuses %j', async (body, status) => {
    const { ask, targets } = setUp();

    expect(await ask(body)).toMatchObject({ status, kind: 'Status' });
    expect(targets).toEqual([]);
  });

  it('passes on what the cluster refuses', async () => {
    expect(await setUp({ status: 403 }).ask(pod)).toMatchObject({
      status: 403,
      message: 'not now',
    });
  });

  it('is not done by a bridge that does not feed the account', async () => {
    expect(await setUp().ask(pod, { writer: undefined })).toMatchObject({ status: 503 });
  });
});
