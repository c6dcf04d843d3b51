/** Door for those who examine an installation: the bridge's configuration and what it stands for. */
export {
  bridgeConfigDefinition,
  isBesideClouddriver,
  isLoopback,
  openDoors,
  plainDoors,
} from './config.ts';
export type { BridgeConfig } from './config.ts';
export { openBridgeWays } from './node-bridge-ways.ts';
export type { BridgeWays } from './node-bridge-ways.ts';
