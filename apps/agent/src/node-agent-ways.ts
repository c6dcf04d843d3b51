/**
 * The agent's own ways to its bridge and its clusters, one at a time: for whoever wants to know
 * whether they lead anywhere, without being an agent.
 */
import { KubeconfigDocuments, type ClusterClient } from '@fairlead/cluster-client';
import { createSecrets } from '@fairlead/secret-engines';
import { nodeClock, nodeRandom, type Environment } from '@fairlead/service-kit';
import type { AccountConfig } from './account-config.ts';
import type { AgentConfig } from './config.ts';
import type { DialledLink } from './link-client.ts';
import { connectCluster } from './node-account-files.ts';
import { createDialer } from './node-link-dialer.ts';
import { createTokenSource } from './node-link-token.ts';

/** Ways that lead out of an agent. */
export interface AgentWays {
  /** The token that the bridge is shown; `undefined`: none is configured. Rejects as the agent fails. */
  token(): Promise<string | undefined>;
  /** A channel to the bridge with a stream on it, as the agent opens it. */
  dial(): Promise<DialledLink>;
  /** A client with an account's own credentials, as the agent makes it. */
  connect(account: AccountConfig): Promise<ClusterClient>;
  /** The content of a file, or of what an option refers to. */
  content(option: string): Promise<Buffer>;
  /** A text, or what an option refers to. */
  text(option: string): Promise<string>;
  /** Frees what the ways hold. */
  close(): Promise<void>;
}

/** The ways of an agent of this configuration; nothing is opened yet. */
export function openAgentWays(
  config: AgentConfig,
  { userAgent, environment }: { readonly userAgent: string; readonly environment: Environment },
): AgentWays {
  const documents = new KubeconfigDocuments();
  const secrets = createSecrets({
    ...{ config: config.secrets, environment, clock: nodeClock, random: nodeRandom },
  });
  const token = createTokenSource(config.clouddriver.auth, { clock: nodeClock, secrets });
  return {
    token,
    dial: createDialer(config.clouddriver, { token, secrets }),
    connect: (account) => connectCluster(account, { userAgent, documents, secrets }),
    content: (option) => secrets.content(option),
    text: (option) => secrets.text(option),
    close: () => secrets.close(),
  };
}
