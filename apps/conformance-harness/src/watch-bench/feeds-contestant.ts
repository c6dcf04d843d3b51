/** What `feeds-main.ts` measures: cluster-client, watch-engine, scrubber, and a count. */
import { clusterClientFromKubeconfig } from '@fairlead/cluster-client';
import {
  AccountWatcher,
  ListPermits,
  noObserver,
  type Clock,
  type Delta,
  type DeltaSink,
} from '@fairlead/watch-engine';
import { setTimeout as sleep } from 'node:timers/promises';
import { runContestant } from './contestant-main.ts';
import { type DeltaTally } from './delta-tally.ts';

const clock: Clock = {
  nowMs: () => Date.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal });
  },
};

runContestant(async ({ kubeconfigFile, gzip = 'none', lists = 'streamed' }, tally) => {
  const streamingLists = lists === 'streamed' ? 'auto' : 'off';
  const api = await clusterClientFromKubeconfig({ kubeconfigFile, gzip });
  const stopping = new AbortController();
  const watcher = new AccountWatcher({
    api,
    sink: countingSink(tally),
    clock,
    random: { next: () => Math.random() },
    permits: new ListPermits().forAccount('measured'),
    observer: noObserver,
    options: { kinds: ['pod'], tuning: { streamingLists } },
    checkpoints: [],
  });
  const running = watcher
    .run(stopping.signal)
    .catch((error: unknown) => tally.fault(`the watcher failed: ${String(error)}`));
  return async () => {
    stopping.abort();
    await running;
    api.close();
  };
});

function countingSink(tally: DeltaTally): DeltaSink {
  return {
    open: () => ({ write: (delta) => count(delta, tally), status: () => undefined }),
    retire: ({ resource }) => tally.fault(`the feed of ${resource} was retired`),
  };
}

/** Reads of each object what a consumer needs of it: who it is, and its bytes. */
function count(delta: Delta, tally: DeltaTally): void {
  if (delta.kind === 'initApplied' || delta.kind === 'applied') {
    const { namespace, name, uid, resourceVersion, bytes } = delta.object;
    if (namespace === '' || name === '' || uid === '') tally.fault('a Pod without identity');
    if (delta.kind === 'initApplied') tally.object(bytes.byteLength);
    else tally.event(bytes.byteLength, resourceVersion);
  } else if (delta.kind === 'deleted' || delta.kind === 'initKept') {
    tally.fault(`a delta ${delta.kind}`);
  }
}
