import { FeedDriver, type FeedDeps } from '../src/feed-driver.ts';
import { IdleRounds } from '../src/idle-rounds.ts';
import { ListPermits, noObserver, DEFAULT_OBJECT_POLICY, DEFAULT_TUNING } from '../src/index.ts';
import {
  aFeedKey,
  FakeClock,
  MemoryBody,
  MemoryCluster,
  memoryResponse,
  PODS,
  seededRandom,
  settle,
} from '../src/testing/index.ts';
import type { ClusterApi, Delta } from '../src/index.ts';

const LISTING_ACCOUNTS = 50;
const CHUNKS_PER_LIST = 40;
const OBJECTS_PER_CHUNK = 20;
/** A chunk is then a little more than 16 KiB, as HTTP/2 over TLS cuts them. */
const OBJECT_PADDING = 'x'.repeat((16 * 1024) / OBJECTS_PER_CHUNK);
const CHUNKS_PER_TURN = 4;

/** A list that has arrived whole, in chunks of so many objects. */
function arrivedList(): MemoryBody {
  const body = new MemoryBody();
  body.write('{"kind":"PodList","metadata":{"resourceVersion":"9"},"items":[');
  for (let chunk = 0; chunk < CHUNKS_PER_LIST; chunk += 1) {
    const items = Array.from({ length: OBJECTS_PER_CHUNK }, (_, i) => {
      const metadata = { name: `p-${chunk}-${i}`, namespace: 'default', resourceVersion: '1' };
      return JSON.stringify({ metadata, padding: OBJECT_PADDING });
    });
    body.write(`${chunk === 0 ? '' : ','}${items.join(',')}`);
  }
  body.write(']}');
  body.close();
  return body;
}

/** Runs one feed and hears what it hands over. */
function run(
  api: ClusterApi,
  at: { readonly permits: ListPermits; readonly account: string; readonly checkpoint: string },
  heard: (delta: Delta) => void,
): { stop(): Promise<void> } {
  const clock = new FakeClock();
  const deps: FeedDeps = {
    api,
    clock,
    idleRounds: new IdleRounds(clock),
    random: seededRandom(1),
    permits: at.permits.forAccount(at.account),
    observer: noObserver,
    tuning: { ...DEFAULT_TUNING, streamingLists: 'off' },
    filter: () => 'send',
    objects: DEFAULT_OBJECT_POLICY,
    position: { mark: () => 0, locate: () => Promise.resolve('100') },
    streaming: { isOffered: false },
    rediscover: () => undefined,
  };
  const output = { write: heard, status: () => undefined };
  const driver = new FeedDriver({ key: aFeedKey(), output, checkpoint: at.checkpoint }, deps);
  const controller = new AbortController();
  driver.discovered();
  const running = driver.run(controller.signal);
  return {
    stop: () => {
      controller.abort();
      return running;
    },
  };
}

/** Objects of lists that were handed over between a live event and its own turn. */
async function objectsBeforeLiveEvent(breathe: () => Promise<void>): Promise<readonly number[]> {
  const permits = new ListPermits({ breathe });
  const live = new MemoryCluster();
  let listed = 0;
  let changedAt = 0;
  const waits: number[] = [];
  const watching = run(live, { permits, account: 'live', checkpoint: '100' }, (delta) => {
    if (delta.kind === 'applied') waits.push(listed - changedAt);
  });
  await settle();
  const listing = Array.from({ length: LISTING_ACCOUNTS }, (_, i) => {
    const api: ClusterApi = {
      reloadCredentials: () => Promise.resolve(),
      request: ({ query, signal }) =>
        Promise.resolve(
          memoryResponse(200, query?.watch === 'true' ? new MemoryBody(signal) : arrivedList()),
        ),
    };
    return run(api, { permits, account: `account-${i}`, checkpoint: '' }, (delta) => {
      if (delta.kind !== 'initApplied') return;
      listed += 1;
      // Somewhere in the middle of a chunk, again and again, something happens in the live account.
      if (listed % 617 !== 0) return;
      changedAt = listed;
      live.apply(PODS, { name: 'changing' });
    });
  });
  const total = LISTING_ACCOUNTS * CHUNKS_PER_LIST * OBJECTS_PER_CHUNK;
  for (let i = 0; i < 10_000 && listed < total; i += 1) await settle();
  await settle();
  await Promise.all([watching, ...listing].map((feed) => feed.stop()));
  expect(listed).toBe(total);
  expect(waits).toHaveLength(Math.floor(total / 617));
  return waits;
}

describe('a feed that watches, while 50 accounts list', () => {
  it('waits for no more than the turn that is being worked off', async () => {
    const waits = await objectsBeforeLiveEvent(settle);

    expect(Math.max(...waits)).toBeLessThanOrEqual(OBJECTS_PER_CHUNK * CHUNKS_PER_TURN);
  });

  it('goes first even when no list gets a turn at all', async () => {
    const live = new MemoryCluster();
    const permits = new ListPermits({ breathe: () => new Promise(() => undefined) });
    const seen: string[] = [];
    const watching = run(live, { permits, account: 'live', checkpoint: '100' }, ({ kind }) => {
      seen.push(`live ${kind}`);
    });
    const listing = run(
      new MemoryCluster(),
      { permits, account: 'other', checkpoint: '' },
      (it) => {
        seen.push(`other ${it.kind}`);
      },
    );
    await settle();
    live.apply(PODS, { name: 'a' });
    await settle();
    await Promise.all([watching.stop(), listing.stop()]);

    expect(seen).toEqual(['other init', 'live applied']);
  });
});
