export { startFleet } from './fleet.ts';
export { SimCluster } from './sim-cluster.ts';
export { FaultRules } from './fault-rules.ts';
export { describeFaults, namedFaults, parseFault } from './named-faults.ts';
export { StatusError } from './status-error.ts';
export { createManualClock, seededRandom } from './clock.ts';
export { nodeClock } from './node-clock.ts';
export type { Fleet, FleetOptions } from './fleet.ts';
export type { ObjectRef, SimClusterOptions } from './sim-cluster.ts';
export type {
  ActiveFault,
  FaultEffect,
  FaultMatch,
  FaultRequest,
  FaultRule,
} from './fault-rules.ts';
export type { SimStats } from './served-counts.ts';
export type { PumpOptions, PumpProgress } from './event-pump.ts';
export type { ClusterChange, ClusterState } from './cluster-state.ts';
export type { ServedResource } from './served-resource.ts';
export type { StoredObject } from './stored-object.ts';
export type { Clock, ManualClock, Random } from './clock.ts';
export type { JsonObject, JsonValue } from './json-value.ts';
export type { StatusDetails, StatusReason } from './status-error.ts';
