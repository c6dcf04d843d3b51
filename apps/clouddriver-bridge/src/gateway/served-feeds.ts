/** The feeds that an account's objects come from: those that are open, and those that only SQL knows. */
import { type StoredFeed } from '@fairlead/sql-cache';
import { type OpenedFeed } from '../account-feeds.ts';
import { feedKey } from '../unit-builder.ts';

/** One feed, as far as it is committed. */
export interface ServedFeed {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** Kubernetes kind. */
  readonly kind: string;
  readonly namespaced: boolean;
  /** `''`: all namespaces, or none. */
  readonly namespace: string;
  /** Clouddriver's cache type. */
  readonly type: string;
  /** `''`: its first list is not complete. */
  readonly resourceVersion: string;
  /** Up to when its objects are known to be what the cluster holds, epoch milliseconds. */
  readonly asOfMs: number;
}

/** Feeds whose objects are stored; of a feed that is open, what it has brought counts. */
export function servedFeeds(
  open: readonly OpenedFeed[],
  stored: readonly StoredFeed[],
): readonly ServedFeed[] {
  const opened = new Set(open.map(({ intake }) => feedKey(intake.feed)));
  const own = open.flatMap(({ intake, shadowedBy }) => {
    if (shadowedBy !== undefined) return [];
    const { feed, type, committed } = intake;
    const { group, version, resource, kind, namespaced, namespace } = feed;
    const { resourceVersion, asOfMs } = committed;
    const names = { group, version, resource, kind, namespaced, namespace };
    return [{ ...names, type, resourceVersion, asOfMs }];
  });
  return [...own, ...stored.filter((feed) => !opened.has(feedKey(feed)))];
}
