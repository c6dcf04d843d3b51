/** What the account registry asks of the database, said in the words of the SQL cache. */
import {
  type MoveOutcome,
  type RegistryStore,
  type StoredFacts,
  type StoredHead,
  type TakeOverOutcome,
} from '@fairlead/account-registry';
import { SqlCacheError, type SqlCache, type StoredAccount } from '@fairlead/sql-cache';
import { type BridgePeers } from './bridge-peers.ts';
import { type ClouddriverPresence } from './clouddriver-presence.ts';

/** States as they stand in the accounts table. */
const [feeding, disconnected] = ['feeding', 'disconnected'] as const;

/** Rows that are being deleted, by state. */
const begunByState: ReadonlyMap<string, StoredFacts['begun']> = new Map([
  ['removing', 'removal'],
  ['moving', 'move'],
]);

/** What of a stored account tells who has it. */
interface Standing {
  readonly state: string;
  readonly bridgeId: string;
}

/** What the store works with. */
export interface SqlRegistryStoreDeps {
  readonly cache: Pick<SqlCache, 'accounts' | 'feeds' | 'removeAccount' | 'moveAccount'>;
  /** Written down as the owner's bridge. */
  readonly bridgeId: string;
  /** Which other bridges live. */
  readonly peers: Pick<BridgePeers, 'isLivingOther'>;
  /** Loses an account before its rows go. */
  readonly presence: Pick<ClouddriverPresence, 'removed'>;
}

/** The registry's store. */
export function createSqlRegistryStore(deps: SqlRegistryStoreDeps): RegistryStore {
  const { cache, bridgeId, peers, presence } = deps;
  const { accounts } = cache;
  const holderOf = (account: Standing): StoredFacts['heldBy'] => {
    if (account.state === disconnected) return 'nobody';
    if (account.bridgeId === bridgeId) return 'self';
    return peers.isLivingOther(account.bridgeId) ? 'another' : 'nobody';
  };
  const standing = (account: Standing): Pick<StoredFacts, 'heldBy' | 'begun'> => {
    return { heldBy: holderOf(account), begun: begunByState.get(account.state) ?? 'nothing' };
  };
  const factsOf = ({ owner, cluster, kinds, properties, epoch, state }: StoredAccount) => {
    const { agentId, instanceId, bridgeId: holder } = owner;
    const facts = { agentId, instanceId, cluster, kinds, properties };
    return { ...facts, epoch, bridgeId: holder, ...standing({ state, bridgeId: holder }) };
  };
  return {
    async heads(): Promise<readonly StoredHead[]> {
      const heads = await accounts.heads();
      return heads.map(({ name, epoch, ...head }) => ({ name, epoch, ...standing(head) }));
    },
    async get(name): Promise<StoredFacts | undefined> {
      const stored = await accounts.get(name);
      return stored && factsOf(stored);
    },
    async takeOver({ name, expectedEpoch, linkId, facts }): Promise<TakeOverOutcome> {
      const { agentId, instanceId, cluster, kinds, properties } = facts;
      const owner = { agentId, instanceId, bridgeId, linkId };
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
      return unlessFenced<'removed' | 'lost'>(async () => {
        await cache.removeAccount({ name, epoch, bridgeId, signal });
        return 'removed';
      }, 'lost');
    },
    async moveAccount({ name, epoch, to, signal }): Promise<MoveOutcome> {
      return unlessFenced<MoveOutcome>(
        async () => {
          const request = { name, epoch, bridgeId, to, state: disconnected, signal };
          return { kind: 'moved', epoch: (await cache.moveAccount(request)).epoch };
        },
        { kind: 'lost' },
      );
    },
    async lastCommittedAtMs(name): Promise<number> {
      const feeds = await cache.feeds(name);
      return feeds.reduce((latest, feed) => Math.max(latest, feed.updatedAtMs), 0);
    },
  };
}

async function unlessFenced<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work();
  } catch (error: unknown) {
    if (error instanceof SqlCacheError && error.code === 'fenced') return otherwise;
    throw error;
  }
}
