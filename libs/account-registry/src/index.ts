/** Who may feed which account: start at `AccountRegistry`; the rules are in `stepAccount`. */
export { AccountRegistry } from './account-registry.ts';
export type {
  Clock,
  RegistryDeps,
  RegistryListener,
  RejectionDetail,
  RevocationDetail,
} from './account-registry.ts';
export { stepAccount } from './account-machine.ts';
export { unclaimed } from './account-state.ts';
export type { AccountConfig } from './account-machine.ts';
export type { AccountStep } from './account-step.ts';
export type {
  Abandoning,
  AccountEffect,
  AccountEvent,
  AccountFacts,
  AccountInput,
  AccountOffer,
  AccountState,
  Claiming,
  Disconnected,
  Elsewhere,
  Feeding,
  Moving,
  RejectionReason,
  Removing,
  StoredFacts,
  Unclaimed,
  WaitingAnswer,
  WaitingOffer,
} from './account-state.ts';
export type { AccountView, WaitingView } from './account-view.ts';
export { isSameCluster, mergeClusterIdentity } from './cluster-identity.ts';
export type { ClusterIdentity, ClusterSighting } from './cluster-identity.ts';
export type { MoveChoice, MoveRefusal } from './choose-move.ts';
export { BridgeSightings } from './bridge-sightings.ts';
export type { BridgeBeat } from './bridge-sightings.ts';
export type {
  DeleteRows,
  MoveOutcome,
  RegistryStore,
  StoredHead,
  TakeOver,
  TakeOverOutcome,
} from './registry-store.ts';
