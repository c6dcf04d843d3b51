// What an API server sees whose cache lags behind etcd: the state of an earlier resourceVersion.
import { type ClusterState } from './cluster-state.ts';
import { type HandlingEffect } from './fault-effects.ts';
import { type ObjectStore, type Snapshot } from './object-store.ts';

/** The view of one request. */
export interface StaleView {
  /** True: also who asks for the newest state gets this one. */
  readonly isStaleAlways: boolean;
  /** The resourceVersion that the server has come to; it may move, and end in the newest. */
  version(): number;
}

/** The view that the effects of a request ask for; undefined for the newest state. */
export function staleViewOf(
  state: ClusterState,
  effects: readonly HandlingEffect[],
  isInForce: (effect: HandlingEffect) => boolean,
): StaleView | undefined {
  const lag = effects.find((effect) => effect.kind === 'lag');
  if (lag === undefined) return undefined;
  const { changes = 0, atResourceVersion = Infinity, isStaleAlways = false } = lag;
  return {
    isStaleAlways,
    version() {
      const newest = state.resourceVersion;
      return isInForce(lag) ? Math.min(atResourceVersion, newest - changes) : newest;
    },
  };
}

/** A store as the view sees it. As little is forgotten as history allows. */
export function snapshotOf(
  state: ClusterState,
  store: ObjectStore,
  view: StaleView | undefined,
): Snapshot {
  const newest = { objects: store.objects(), resourceVersion: state.resourceVersion };
  if (view === undefined) return newest;
  return store.rewind(Math.max(view.version(), store.oldestResourceVersion)) ?? newest;
}

/** The view for a read at a resourceVersion: on a real server, none makes a read go to etcd. */
export function viewForRead(
  view: StaleView | undefined,
  resourceVersion: string,
): StaleView | undefined {
  return resourceVersion === '' && view?.isStaleAlways !== true ? undefined : view;
}
