/**
 * From what is served, wanted, running and committed to what must be done: pure, so that "never
 * retire on a failed or partial discovery" can be read and tested in one place.
 */
import type { Checkpoint } from './delta-sink.ts';
import type { Catalog } from './discover.ts';
import { kindMatcher, selectTypes } from './kind-selector.ts';
import {
  feedKeyKey,
  feedNameKey,
  type FeedKey,
  type FeedName,
  type ResourceType,
} from './resource-type.ts';
import type { ResolvedWatchOptions } from './watch-options.ts';

/** What a plan is made from. */
export interface PlanInput {
  readonly catalog: Catalog;
  readonly options: ResolvedWatchOptions;
  readonly running: readonly FeedKey[];
  /** Those not yet used by a feed. */
  readonly checkpoints: readonly Checkpoint[];
}

/** A feed to start. */
export interface PlannedFeed {
  readonly key: FeedKey;
  /** resourceVersion to resume from; '' = list. */
  readonly resourceVersion: string;
  /** Whether its type is known to be served; else it waits. */
  readonly isServed: boolean;
}

/** What must be done, in this order. */
export interface FeedPlanning {
  /** Running feeds whose type is gone or not wanted: end them and tell the sink. */
  readonly retire: readonly FeedKey[];
  /** Names in checkpoints for which no feed runs or will run: tell the sink. */
  readonly retireNames: readonly FeedName[];
  /** Running feeds that another version replaces: end them, say nothing. */
  readonly stop: readonly FeedKey[];
  readonly start: readonly PlannedFeed[];
  /** Running feeds whose type is served: tell them, they may wait for it. */
  readonly confirm: readonly FeedKey[];
  readonly unknownKinds: readonly string[];
}

/** Compares what should run with what runs. */
export function planFeeds(input: PlanInput): FeedPlanning {
  const { types, unknownKinds } = selectTypes(input.catalog.types, input.options);
  const wanted = new Map(
    types.flatMap((type) => keysOf(type, input.options)).map((key) => [feedNameKey(key), key]),
  );
  const running = new Map(input.running.map((key) => [feedNameKey(key), key]));
  const missing = [...wanted.values()].filter((key) => !isRunning(key, running));
  const orphans = input.checkpoints.filter((checkpoint) => {
    const name = feedNameKey(checkpoint);
    return !wanted.has(name) && !running.has(name);
  });
  const waiting = orphans.filter((checkpoint) => mayComeBack(checkpoint, input));
  return {
    ...judgeRunning(input, wanted),
    retireNames: orphans.filter((checkpoint) => !waiting.includes(checkpoint)).map(nameOf),
    start: [
      ...missing.map((key) => ({
        key,
        resourceVersion: resumeFrom(key, input.checkpoints),
        isServed: true,
      })),
      ...waiting.map(waitingFeed),
    ],
    unknownKinds,
  };
}

/** The feeds of one type: one, or one per namespace. */
function keysOf(type: ResourceType, options: ResolvedWatchOptions): readonly FeedKey[] {
  const perNamespace = type.namespaced && options.namespaces.length > 0;
  const namespaces = perNamespace ? options.namespaces : [''];
  return namespaces.map((namespace) => ({ ...type, namespace }));
}

function isRunning(key: FeedKey, running: ReadonlyMap<string, FeedKey>): boolean {
  const same = running.get(feedNameKey(key));
  return same !== undefined && feedKeyKey(same) === feedKeyKey(key);
}

function judgeRunning(
  input: PlanInput,
  wanted: ReadonlyMap<string, FeedKey>,
): Pick<FeedPlanning, 'retire' | 'stop' | 'confirm'> {
  const retire: FeedKey[] = [];
  const stop: FeedKey[] = [];
  const confirm: FeedKey[] = [];
  for (const key of input.running) {
    const now = wanted.get(feedNameKey(key));
    if (now !== undefined) (feedKeyKey(now) === feedKeyKey(key) ? confirm : stop).push(key);
    else if (!input.catalog.incompleteGroups.has(key.group)) retire.push(key);
  }
  return { retire, stop, confirm };
}

/** Resumed only in the same version: stored objects carry their apiVersion. */
function resumeFrom(key: FeedKey, checkpoints: readonly Checkpoint[]): string {
  const found = checkpoints.find(
    (checkpoint) =>
      feedNameKey(checkpoint) === feedNameKey(key) && checkpoint.version === key.version,
  );
  return found?.resourceVersion ?? '';
}

/** Its group could not be read, and the configuration still wants it. */
function mayComeBack(checkpoint: Checkpoint, input: PlanInput): boolean {
  const { options, catalog } = input;
  const isInScope =
    checkpoint.namespace === ''
      ? options.namespaces.length === 0 || !checkpoint.namespaced
      : options.namespaces.includes(checkpoint.namespace);
  return (
    catalog.incompleteGroups.has(checkpoint.group) && isInScope && kindMatcher(options)(checkpoint)
  );
}

/** A feed to show as waiting. */
function waitingFeed(checkpoint: Checkpoint): PlannedFeed {
  const { group, version, resource, kind, namespace, namespaced, resourceVersion } = checkpoint;
  const key = { group, version, resource, kind, namespace, namespaced };
  return { key, resourceVersion, isServed: false };
}

function nameOf({ group, resource, kind, namespace }: Checkpoint): FeedName {
  return { group, resource, kind, namespace };
}
