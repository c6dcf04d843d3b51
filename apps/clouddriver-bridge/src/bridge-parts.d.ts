import { AccountRegistry } from '@fairlead/account-registry';
import { AccountDesk } from './account-desk.ts';
import { type BridgeBase } from './bridge-base.ts';
import { BridgePeers } from './bridge-peers.ts';
import { BridgeView } from './bridge-view.ts';
import { ClouddriverPresence } from './clouddriver-presence.ts';
import { CreditLedger } from './credit-ledger.ts';
import { Tunnels } from './gateway/tunnels.ts';
import { OwnDoor } from './peers/own-door.ts';
import { Permits } from './permits.ts';
/** All parts. */
export type BridgeParts = ReturnType<typeof assembleBridge>;
/** Puts them together. */
export declare function assembleBridge(base: BridgeBase): {
    view: BridgeView;
    findApi: (account: string, from?: "client" | "bridge") => import("@fairlead/api-tunnel").ApiHandler | undefined;
    permits: Permits;
    presence: ClouddriverPresence;
    tunnels: Tunnels;
    credits: CreditLedger;
    answers: import("./gateway/cluster-answers.ts").ClusterAnswers;
    desk: AccountDesk;
    door: OwnDoor;
    peers: BridgePeers;
    peerApis: import("./peers/peer-apis.ts").PeerApis;
    accounts: AccountRegistry;
};
//# sourceMappingURL=bridge-parts.d.ts.map