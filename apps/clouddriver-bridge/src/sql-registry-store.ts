/** What the account registry asks of the database, said in the words of the SQL cache. */
import {
  type RegistryStore,
  type StoredAccountEntry,
  type StoredFacts,
  type TakeOverOutcome,
} from '@fairlead/account-registry';
import { SqlCacheError, type SqlCache, type StoredAccount } from '@fairlead/sql-cache';
import { type ClouddriverPresence } from './clouddriver-presence.ts';

/** States as they stand in the accounts table. */
const [feeding, disconnected, removing] = ['feeding', 'disconnected', 'removing'] as const;

/** What the store works with. */
export interface SqlRegistryStoreDeps {
  readonly cache: Pick<SqlCache, 'accounts' | 'feeds' | 'removeAccount'>;
  /** Written down as the owner's bridge. */
  readonly bridgeId: string;
  /** Loses an account before its rows go. */
  readonly presence: Pick<ClouddriverPresence, 'removed'>;
}

/** The registry's store. */
export function createSqlRegistryStore(deps: SqlRegistryStoreDeps): RegistryStore {
  const { cache, bridgeId, presence } = deps;
  const { accounts } = cache;
  return {
    async list(): Promise<readonly StoredAccountEntry[]> {
      const stored = await accounts.list();
      return stored.map((account) => ({
        name: account.name,
        isRemovalBegun: account.state === removing,
        ...factsOf(account),
      }));
    },
    async get(name): Promise<StoredFacts | undefined> {
      const stored = await accounts.get(name);
      return stored && factsOf(stored);
    },
    async takeOver({ name, expectedEpoch, linkId, facts }): Promise<TakeOverOutcome> {
      const { agentId, cluster, kinds, properties } = facts;
      const owner = { agentId, bridgeId, linkId };
      const taken = { name, expectedEpoch, owner, cluster, kinds, properties, state: feeding };
      const outcome = await accounts.takeOver(taken);
      if (outcome.kind === 'taken') return outcome;
      return { kind: 'lost', current: outcome.current && factsOf(outcome.current) };
    },
    async recordDisconnected({ name, epoch, graceDeadlineMs }): Promise<void> {
      // Not applied when the epoch has moved on: then another bridge has the account, and the say.
      await accounts.update({ name, epoch, state: disconnected, graceDeadlineMs });
    },
    async removeAccount({ name, epoch, signal }): Promise<'removed' | 'lost'> {
      await presence.removed(name, epoch);
      try {
        await cache.removeAccount({ name, epoch, signal });
        return 'removed';
      } catch (error: unknown) {
        if (error instanceof SqlCacheError && error.code === 'fenced') return 'lost';
        throw error;
      }
    },
    async lastCommittedAtMs(name): Promise<number> {
      const feeds = await cache.feeds(name);
      return feeds.reduce((latest, feed) => Math.max(latest, feed.updatedAtMs), 0);
    },
  };
}

function factsOf({ owner, cluster, kinds, properties, epoch }: StoredAccount): StoredFacts {
  return { agentId: owner.agentId, cluster, kinds, properties, epoch };
}
