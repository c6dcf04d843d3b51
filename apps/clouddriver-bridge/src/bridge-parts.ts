/** The parts of a bridge, each made of what it needs of the others; nothing is started here. */
import { randomUUID } from 'node:crypto';
import { AccountRegistry } from '@fairlead/account-registry';
import { nodeTimers } from '@fairlead/service-kit';
import { AccountDesk } from './account-desk.ts';
import { type BridgeBase } from './bridge-base.ts';
import { BridgePeers } from './bridge-peers.ts';
import { BridgeView } from './bridge-view.ts';
import { ClouddriverPresence, type PresenceOptions } from './clouddriver-presence.ts';
import { isBesideClouddriver, type BridgeConfig } from './config.ts';
import { CreditLedger } from './credit-ledger.ts';
import { createClusterAnswers } from './gateway/cluster-answers.ts';
import { createFindApi } from './gateway/find-api.ts';
import { readYourWrites } from './gateway/read-your-writes.ts';
import { refreshLayer } from './gateway/refresh-object.ts';
import { Tunnels } from './gateway/tunnels.ts';
import { OwnDoor } from './peers/own-door.ts';
import { Permits } from './permits.ts';
import { createSqlRegistryStore } from './sql-registry-store.ts';

/** Least credit of an account: a link that sends batches of 256 KiB one by one still works. */
const leastCreditBytes = 256 * 1024;
/** Connections of the pool that are left for the API, the registry and sweeps. */
const reservedConnections = 2;

/** All parts. */
export type BridgeParts = ReturnType<typeof assembleBridge>;

/** Puts them together. */
export function assembleBridge(base: BridgeBase) {
  const { config, clock, random, bridgeId, cache, events, counts } = base;
  const permits = new Permits(Math.max(1, config.sql.pool.max - reservedConnections));
  const presence = new ClouddriverPresence(presenceOptions(config, bridgeId), {
    ...{ cache, clock, events },
  });
  const gracePeriodMs = config.registry.gracePeriodSeconds * 1000;
  const tunnels = new Tunnels(nodeTimers);
  const credits = createCredits(config);
  const answers = createClusterAnswers({
    ...{ cache, clock, random, newId: randomUUID, events },
    view: (account) => accounts.view(account),
    elsewhere: (account) => peerApi(account),
  });
  const { journals } = answers;
  const desk = new AccountDesk({
    ...{ bridgeId, cache, permits, credits, presence, gracePeriodMs, clock, events, tunnels },
    journals,
  });
  const door = new OwnDoor({
    ...{ grpc: config.grpc, secrets: base.secrets, bridgeId, clock: nodeTimers },
    unreachable: (peer, error) => events.peerUnreachable(peer, error),
  });
  const peers = new BridgePeers({ cache, bridgeId, door: () => door.describe() });
  const peerApis = door.apisOf(peers);
  const store = createSqlRegistryStore({ cache, bridgeId, peers, presence });
  const accounts = new AccountRegistry({ store, clock, listener: desk }, { gracePeriodMs });
  const view = new BridgeView({ registry: accounts, desk, cache, counts, peers, bridgeId, clock });
  const peerApi = (account: string) =>
    peerApis.handlerOf(accounts.view(account)?.bridgeId ?? bridgeId, account);
  const findApi = createFindApi({
    isKnown: (account) => accounts.view(account) !== undefined,
    liveApi: (account) => desk.liveApi(account),
    peerApi,
    layers: [...answers.layers, ...writingLayers(base, desk)],
  });
  return {
    ...{ permits, presence, tunnels, credits, answers, desk, door, peers, peerApis, accounts },
    ...{ view, findApi },
  };
}

/** Layers through which what was found in a cluster gets into the database. */
function writingLayers({ clock, events }: BridgeBase, desk: AccountDesk) {
  const writerOf: AccountDesk['writer'] = (account) => desk.writer(account);
  return [
    refreshLayer({ writerOf, clock }),
    readYourWrites({
      ...{ writerOf, clock },
      settled: (_account, fate) => events.writtenAhead(fate),
      fault: (error) => events.gatewayFailed(error),
    }),
  ];
}

function createCredits({ budget }: BridgeConfig): CreditLedger {
  return new CreditLedger({
    totalBytes: budget.inFlightBytes,
    perAccountBytes: budget.inFlightBytesPerAccount,
    leastBytes: Math.min(leastCreditBytes, budget.inFlightBytesPerAccount),
  });
}

function presenceOptions({ clouddriver, sql }: BridgeConfig, bridgeId: string): PresenceOptions {
  const { enabled, gatewayUrl, gatewayCaFile: caFile, gatewayTokenFile } = clouddriver.accounts;
  const isWanted = enabled && gatewayUrl !== undefined;
  const gateway = { caFile, tokenFile: gatewayTokenFile };
  return {
    gateway: isWanted ? { url: gatewayUrl.replace(/\/+$/, ''), ...gateway } : undefined,
    lockAgents: clouddriver.lockAgents && isBesideClouddriver(sql),
    owner: `fairlead:${bridgeId}`,
  };
}
