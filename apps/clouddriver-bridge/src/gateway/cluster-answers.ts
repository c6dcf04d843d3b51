/**
 * What the bridge answers for clusters itself, put together: discovery that is kept, reads from SQL,
 * and the journals behind both.
 */
import { type AccountView } from '@fairlead/account-registry';
import { type ApiHandler } from '@fairlead/api-tunnel';
import { type SqlCache } from '@fairlead/sql-cache';
import { type BridgeEvents } from '../bridge-events.ts';
import { CachedReads, type AccountStanding } from './cached-reads.ts';
import { ClusterJournals } from './cluster-journals.ts';
import { CommittedEvents } from './committed-events.ts';
import { DiscoveryCache } from './discovery-cache.ts';
import { type ApiLayer } from './find-api.ts';

/** What the answers are made of. */
export interface ClusterAnswersDeps {
  readonly cache: Pick<SqlCache, 'bodiesOf' | 'listObjectIds' | 'feeds'>;
  readonly clock: { nowMs(): number; sleep(ms: number, signal: AbortSignal): Promise<void> };
  readonly random: { next(): number };
  /** Makes names that no other process makes. */
  readonly newId: () => string;
  /** An account as the registry knows it. */
  readonly view: (account: string) => AccountView | undefined;
  /** The way to the bridge that feeds an account, whose own cache answers; `undefined`: none. */
  readonly elsewhere: (account: string) => ApiHandler | undefined;
  readonly events: Pick<BridgeEvents, 'discoveryAnswered' | 'cacheRead' | 'journalFailed'>;
}

/** The parts that others need. */
export interface ClusterAnswers {
  /** Reads of cached kinds. */
  readonly reads: CachedReads;
  /** What API servers offer. */
  readonly discovery: DiscoveryCache;
  /** What the writers of accounts tell. */
  readonly journals: ClusterJournals;
  /** All changes of all accounts. */
  readonly committed: CommittedEvents;
  /** The layers of the gateway, the first one first. */
  readonly layers: readonly ApiLayer[];
}

/** Puts the parts together. */
export function createClusterAnswers(deps: ClusterAnswersDeps): ClusterAnswers {
  const { cache, clock, random, newId, view, elsewhere, events } = deps;
  const committed = new CommittedEvents({ clock, streamId: newId() });
  const discovery = new DiscoveryCache({
    clock,
    generationOf: (account) => generationOf(view(account)),
    observed: (outcome) => events.discoveryAnswered(outcome),
  });
  const journals = new ClusterJournals({
    ...{ cache, clock, newId, follower: committed },
    definitionsChanged: (account) => discovery.changed(account),
    closed: (account) => discovery.forget(account),
    failed: (account, type, error) => events.journalFailed(account, type, error),
  });
  const reads = new CachedReads({
    ...{ cache, clock, random, elsewhere },
    fed: (account) => journals.fed(account),
    standing: (account) => standingOf(view(account)),
    observed: (read) => events.cacheRead(read),
  });
  const layers: readonly ApiLayer[] = [
    (account, next) => reads.handler(account, next),
    (account, next) => discovery.handler(account, next),
  ];
  return { reads, discovery, journals, committed, layers };
}

/** Of an account that is fed here: another agent, epoch, cluster or version is another generation. */
function generationOf(view: AccountView | undefined): string | undefined {
  if (view?.state !== 'feeding') return undefined;
  const { epoch, linkId, facts } = view;
  const { server, certificateFingerprint, version, uid } = facts.cluster;
  return JSON.stringify([epoch, linkId, server, certificateFingerprint, version, uid]);
}

function standingOf(view: AccountView | undefined): AccountStanding | undefined {
  if (view === undefined) return undefined;
  return { served: view.state === 'elsewhere' ? 'elsewhere' : 'here', epoch: view.epoch };
}
