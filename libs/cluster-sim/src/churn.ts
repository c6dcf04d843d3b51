// Life in a simulated cluster: pods report their status, applications are scaled up and down,
// labels and configurations change, so many changes a second, the same ones for the same seed.
import { type Clock, nextBelow, type Random } from './clock.ts';
import { type ClusterState } from './cluster-state.ts';
import { type JsonObject, objectAt } from './json-value.ts';
import { recordObject, removeObject } from './object-recorder.ts';
import { type ObjectFactory } from './seed/seed-objects.ts';
import { type ServedResource } from './served-resource.ts';
import { readObject, type StoredObject, touchObject } from './stored-object.ts';

/** How a cluster lives. */
export interface ChurnOptions {
  /** Changes per second; 0 for none. */
  readonly perSecond: number;
  /** Chance. */
  readonly random: Random;
  /** Time. */
  readonly clock: Clock;
  /** Makes new pods and events. */
  readonly factory: ObjectFactory;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Time between two rounds of changes at high rates; latency benches need rounds to be short. */
const ROUND_MS = 10;
/** No more than this many changes in one round, so that requests are served between. */
const MAX_CHANGES_PER_ROUND = 500;

/** Changes the cluster until the signal aborts. */
export async function runChurn(state: ClusterState, options: ChurnOptions): Promise<void> {
  const { perSecond, clock, random, signal } = options;
  if (perSecond <= 0) return;
  const churn = new Churn(state, options);
  const roundMs = Math.max(ROUND_MS, 1000 / perSecond);
  // Clusters of one fleet do not all change in the same moment.
  await clock.sleep(random.next() * roundMs, signal);
  const startMs = clock.nowMs();
  let done = 0;
  while (!signal.aborted) {
    await clock.sleep(roundMs, signal);
    const due = Math.floor(((clock.nowMs() - startMs) / 1000) * perSecond);
    const round = Math.min(due - done, MAX_CHANGES_PER_ROUND);
    for (let change = 0; change < round && !isAborted(signal); change++) churn.changeOnce();
    // What could not be done in time is left out rather than made up for in ever longer rounds.
    done = due;
  }
}

/** Makes one change after another. */
export class Churn {
  readonly #state: ClusterState;
  readonly #random: Random;
  readonly #factory: ObjectFactory;
  readonly #pods: ServedResource;
  #balance = 0;

  constructor(state: ClusterState, options: Pick<ChurnOptions, 'random' | 'factory'>) {
    this.#state = state;
    this.#random = options.random;
    this.#factory = options.factory;
    this.#pods = this.#typeOf('v1', 'Pod');
  }

  /** Makes one change; of a hundred about seventy are status updates of pods. */
  changeOnce(): void {
    const dice = this.#random.next();
    if (dice < 0.7) this.#touchPod();
    else if (dice < 0.78) this.#relabelPod();
    else if (dice < 0.9) this.#scale();
    else if (dice < 0.95) this.#changeConfiguration();
    else this.#reportEvent();
  }

  /** A pod reports: its last condition changed now. Done on the bytes, being the common case. */
  #touchPod(): void {
    const pod = this.#pick(this.#pods);
    if (pod === undefined) return;
    const resourceVersion = this.#state.nextResourceVersion();
    const now = this.#state.nowText();
    const object = touchObject(this.#pods, pod, { resourceVersion, now });
    this.#state.record(this.#pods, { type: 'MODIFIED', object, previous: pod });
  }

  #relabelPod(): void {
    this.#change(this.#pods, (pod) => {
      const metadata = objectAt(pod, 'metadata');
      const labels = { ...objectAt(metadata, 'labels'), wave: String(nextBelow(this.#random, 10)) };
      return { ...pod, metadata: { ...metadata, labels } };
    });
  }

  /** Up and down by turns, so that the cluster stays as big as it was. */
  #scale(): void {
    if (this.#balance <= 0) {
      const replicaSet = this.#pick(this.#typeOf('apps/v1', 'ReplicaSet'));
      if (replicaSet === undefined) return;
      const object = this.#factory.makePod(replicaSet);
      this.#state.record(this.#pods, { type: 'ADDED', object });
      this.#balance++;
    } else {
      const pod = this.#pick(this.#pods);
      if (pod === undefined) return;
      removeObject(this.#state, this.#pods, pod);
      this.#balance--;
    }
  }

  #changeConfiguration(): void {
    this.#change(this.#typeOf('v1', 'ConfigMap'), (config) => ({
      ...config,
      data: { ...objectAt(config, 'data'), revision: String(this.#state.resourceVersion) },
    }));
  }

  /** A new event takes the place of an old one. */
  #reportEvent(): void {
    const events = this.#typeOf('v1', 'Event');
    const pod = this.#pick(this.#pods);
    const old = this.#pick(events);
    if (pod === undefined || old === undefined) return;
    this.#state.record(events, { type: 'ADDED', object: this.#factory.makeEvent(pod) });
    removeObject(this.#state, events, old);
  }

  #change(type: ServedResource, change: (object: JsonObject) => JsonObject): void {
    const stored = this.#pick(type);
    if (stored === undefined) return;
    recordObject(this.#state, type, {
      object: change(readObject(type, stored)),
      previous: stored,
    });
  }

  #pick(type: ServedResource): StoredObject | undefined {
    const store = this.#state.store(type);
    return store.at(nextBelow(this.#random, store.size));
  }

  #typeOf(apiVersion: string, kind: string): ServedResource {
    const type = this.#state.findKind(apiVersion, kind);
    if (type === undefined) throw new Error(`${kind} is not served`);
    return type;
  }
}

/** Read anew at each step: the signal may abort while others run. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
