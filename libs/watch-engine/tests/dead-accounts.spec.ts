import {
  AccountWatcher,
  ListPermits,
  noObserver,
  type ClusterApiRequest,
  type ClusterApiResponse,
} from '../src/index.ts';
import {
  FakeClock,
  MemoryBody,
  MemoryCluster,
  memoryResponse,
  PODS,
  RecordingSink,
  seededRandom,
} from '../src/testing/index.ts';

const ACCOUNTS = 300;
const TOTAL_LISTS = 30;

type Death = (request: ClusterApiRequest) => ClusterApiResponse | Promise<ClusterApiResponse>;

const isFeed = ({ path }: ClusterApiRequest): boolean => path.endsWith('/pods');

/** Ways for a cluster to be dead; undefined lets it answer. */
const DEATHS: readonly ((request: ClusterApiRequest) => ReturnType<Death> | undefined)[] = [
  // Refuses every connection.
  () => Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' })),
  // Swallows every packet.
  () => new Promise(() => undefined),
  // Dies after its discovery.
  (request) => (isFeed(request) ? new Promise(() => undefined) : undefined),
  // Dies in the middle of its first list.
  (request) => {
    if (!isFeed(request)) return undefined;
    const body = new MemoryBody(request.signal);
    body.write('{"kind":"PodList","metadata":{"resourceVersion":"9"},"items":[');
    return memoryResponse(200, body);
  },
];

/** Milliseconds until every living account has its snapshot; each third account is dead. */
async function timeToSync(permitPatienceMs: number): Promise<number> {
  const clock = new FakeClock();
  const random = seededRandom(5);
  const permits = new ListPermits({ total: TOTAL_LISTS, perAccount: 5 });
  const living: RecordingSink[] = [];
  const controller = new AbortController();
  const running = Array.from({ length: ACCOUNTS }, (_, index) => {
    const cluster = new MemoryCluster();
    cluster.apply(PODS, { name: 'a' });
    const sink = new RecordingSink();
    const death = index % 3 === 0 ? DEATHS[(index / 3) % DEATHS.length] : undefined;
    if (death === undefined) living.push(sink);
    else cluster.intercept = death;
    return new AccountWatcher({
      api: cluster,
      sink,
      clock,
      random,
      permits: permits.forAccount(`account-${index}`),
      observer: noObserver,
      options: { kinds: ['pod'], tuning: { permitPatienceMs } },
      checkpoints: [],
    }).run(controller.signal);
  });
  const startMs = clock.nowMs();
  const isSynced = (): boolean => living.every((sink) => sink.feed('pods')?.view.size === 1);
  for (let i = 0; i < 200 && !isSynced(); i += 1) await clock.advance(500);
  const elapsedMs = clock.nowMs() - startMs;
  expect(isSynced()).toBe(true);
  // Once more, long after: the dead hold nothing that the living need.
  await clock.advance(100_000);
  expect(permits.active).toBeLessThan(TOTAL_LISTS / 2);
  controller.abort();
  await Promise.all(running);
  expect(permits.active).toBe(0);
  return elapsedMs;
}

describe('accounts of which a third are dead, each in its way', () => {
  it('does not keep the others from their first snapshots', async () => {
    expect(await timeToSync(2_000)).toBeLessThanOrEqual(2_500);
  });
});
