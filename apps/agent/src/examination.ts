/** Door for those who examine an installation: the agent's configuration, and its own ways out. */
export { agentConfigDefinition } from './config.ts';
export type { AgentConfig } from './config.ts';
export type { AccountConfig } from './account-config.ts';
export { openAgentWays } from './node-agent-ways.ts';
export type { AgentWays } from './node-agent-ways.ts';
