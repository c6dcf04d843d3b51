/**
 * A sink that does what a consumer must do: it builds a snapshot aside, swaps it in whole, applies
 * deltas, and keeps the checkpoint. Tests compare its view with the cluster's.
 */
import type { Checkpoint, Delta, DeltaSink, FeedOutput, FeedStatus } from '../delta-sink.ts';
import { feedNameKey, type FeedKey, type FeedName } from '../resource-type.ts';

/** An object as the consumer sees it. */
export interface SeenObject {
  /** Its uid. */
  readonly uid: string;
  /** Its version. */
  readonly resourceVersion: string;
  /** A copy of its scrubbed JSON. */
  readonly bytes: Uint8Array;
}

/** What came out of one feed. */
export interface RecordedFeed {
  /** Which feed. */
  readonly key: FeedKey;
  /** All deltas so far, in order; objects are copies. */
  readonly deltas: Delta[];
  /** All statuses so far, in order. */
  readonly statuses: FeedStatus[];
  /** By `namespace/name`; `name` for cluster-scoped objects. */
  readonly view: ReadonlyMap<string, SeenObject>;
  /** resourceVersion to resume from; '' before the first snapshot is complete. */
  readonly checkpoint: string;
}

interface OpenFeed {
  readonly key: FeedKey;
  readonly deltas: Delta[];
  readonly statuses: FeedStatus[];
  view: Map<string, SeenObject>;
  aside: Map<string, SeenObject> | undefined;
  checkpoint: string;
}

interface Waiter {
  readonly isTrue: () => boolean;
  readonly resolve: () => void;
}

/** Records everything; blocks writes when told to. */
export class RecordingSink implements DeltaSink {
  readonly #feeds = new Map<string, OpenFeed>();
  readonly #waiters = new Set<Waiter>();
  readonly #retired: FeedName[] = [];
  #room: PromiseWithResolvers<void> | undefined;

  /** Types whose rows may go. */
  get retired(): readonly FeedName[] {
    return this.#retired;
  }

  /** The feed of a resource, such as `pods`; undefined if none was opened. */
  feed(resource: string, namespace = ''): RecordedFeed | undefined {
    return [...this.#feeds.values()].find(
      ({ key }) => key.resource === resource && key.namespace === namespace,
    );
  }

  /** Names of the resources with a feed, sorted. */
  resources(): readonly string[] {
    return [...new Set([...this.#feeds.values()].map(({ key }) => key.resource))].sort();
  }

  /**
   * Where a new watcher may go on; also of feeds whose snapshot was never complete, since there may
   * be rows of them to settle.
   */
  checkpoints(): readonly Checkpoint[] {
    return [...this.#feeds.values()].map(({ key, checkpoint }) => ({
      ...key,
      resourceVersion: checkpoint,
    }));
  }

  /** Resolves as soon as the claim is true; looked at after every delta and status. */
  until(isTrue: () => boolean): Promise<void> {
    if (isTrue()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.add({ isTrue, resolve }));
  }

  /** Until {@link unblock}, every write says that there is no room. */
  block(): void {
    this.#room ??= Promise.withResolvers();
  }

  /** There is room again; waiting writes settle. */
  unblock(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  open(key: FeedKey): FeedOutput {
    const before = this.#feeds.get(feedNameKey(key));
    const feed: OpenFeed = {
      key,
      deltas: [],
      statuses: [],
      view: before?.view ?? new Map(),
      aside: undefined,
      checkpoint: before?.key.version === key.version ? before.checkpoint : '',
    };
    this.#feeds.set(feedNameKey(key), feed);
    return {
      write: (delta): Promise<void> | undefined => {
        const kept = keep(delta);
        feed.deltas.push(kept);
        take(feed, kept);
        this.#look();
        return this.#room?.promise;
      },
      status: (status) => {
        feed.statuses.push(status);
        this.#look();
      },
    };
  }

  retire(feed: FeedName): void {
    this.#retired.push(feed);
    this.#feeds.delete(feedNameKey(feed));
    this.#look();
  }

  #look(): void {
    for (const waiter of this.#waiters) {
      if (!waiter.isTrue()) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }
}

/** A copy: objects are only lent. */
function keep(delta: Delta): Delta {
  if (!('object' in delta)) return delta;
  const { bytes, apiVersion, kind, namespace, name, uid, resourceVersion } = delta.object;
  const { annotations, scrubbedValues } = delta.object;
  const identity = { apiVersion, kind, namespace, name, uid, resourceVersion };
  const object = { ...identity, bytes: new Uint8Array(bytes), annotations, scrubbedValues };
  return { ...delta, object };
}

function take(feed: OpenFeed, delta: Delta): void {
  switch (delta.kind) {
    case 'init':
      feed.aside = new Map();
      return;
    case 'initApplied':
      feed.aside?.set(idOf(delta.object), delta.object);
      return;
    case 'initKept': {
      const known = feed.view.get(idOf(delta));
      if (known !== undefined) feed.aside?.set(idOf(delta), known);
      return;
    }
    case 'initDone':
      // An incomplete snapshot adds and changes; what it does not name may be there nevertheless.
      feed.view = delta.isComplete
        ? (feed.aside ?? feed.view)
        : new Map([...feed.view, ...(feed.aside ?? [])]);
      feed.aside = undefined;
      feed.checkpoint = delta.resourceVersion;
      return;
    case 'applied':
      feed.view.set(idOf(delta.object), delta.object);
      feed.checkpoint = delta.object.resourceVersion;
      return;
    case 'deleted':
      (feed.aside ?? feed.view).delete(idOf(delta.object));
      if (feed.aside === undefined) feed.checkpoint = delta.object.resourceVersion;
      return;
    case 'checkpoint':
      feed.checkpoint = delta.resourceVersion;
      return;
  }
}

function idOf(object: { readonly namespace: string; readonly name: string }): string {
  return object.namespace === '' ? object.name : `${object.namespace}/${object.name}`;
}
