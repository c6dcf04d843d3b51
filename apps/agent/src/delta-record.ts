/** From the words of the watch engine to those of the wire. */
import { FeedState as WireFeedState, type DeltaRecord } from '@fairlead/protocol';
import type { Delta, FeedKey, FeedState } from '@fairlead/watch-engine';

const noBytes = new Uint8Array(0);
const empty = { resourceVersion: '', namespace: '', name: '', uid: '', object: noBytes };

/** A delta as it travels; the clock is asked where the delta itself carries no time. */
export function recordFromDelta(delta: Delta, clock: { nowMs(): number }): DeltaRecord {
  switch (delta.kind) {
    case 'init':
      return { ...empty, type: 'init', readAtMs: clock.nowMs() };
    case 'initKept': {
      // Without an object: the bridge keeps the row that it has.
      const { readAtMs, namespace, name } = delta;
      return { ...empty, type: 'initApplied', readAtMs, namespace, name };
    }
    case 'initDone': {
      const type = delta.isComplete ? 'initDone' : 'initDoneUnswept';
      const { readAtMs, resourceVersion } = delta;
      return { ...empty, type, readAtMs, resourceVersion };
    }
    case 'checkpoint': {
      const { kind: type, readAtMs, resourceVersion } = delta;
      return { ...empty, type, readAtMs, resourceVersion };
    }
    case 'initApplied':
    case 'applied':
    case 'deleted': {
      const { resourceVersion, namespace, name, uid, bytes: object } = delta.object;
      const { kind: type, readAtMs } = delta;
      return { type, readAtMs, resourceVersion, namespace, name, uid, object };
    }
  }
}

/** A feed's state as it travels. */
export const wireFeedStates: Readonly<Record<FeedState, WireFeedState>> = {
  discovering: WireFeedState.DISCOVERING,
  listing: WireFeedState.LISTING,
  watching: WireFeedState.WATCHING,
  expired: WireFeedState.EXPIRED,
  lost: WireFeedState.LOST,
  forbidden: WireFeedState.FORBIDDEN,
  retired: WireFeedState.RETIRED,
};

/** A feed's identity as it travels: exactly these fields. */
export function wireFeedKey(feed: FeedKey): FeedKey {
  const { group, version, resource, kind, namespaced, namespace } = feed;
  return { group, version, resource, kind, namespaced, namespace };
}
