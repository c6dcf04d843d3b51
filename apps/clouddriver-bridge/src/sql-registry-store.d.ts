/** What the account registry asks of the database, said in the words of the SQL cache. */
import { type RegistryStore } from '@fairlead/account-registry';
import { type SqlCache } from '@fairlead/sql-cache';
import { type BridgePeers } from './bridge-peers.ts';
import { type ClouddriverPresence } from './clouddriver-presence.ts';
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
export declare function createSqlRegistryStore(deps: SqlRegistryStoreDeps): RegistryStore;
//# sourceMappingURL=sql-registry-store.d.ts.map