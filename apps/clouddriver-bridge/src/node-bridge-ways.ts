/** What a bridge's configuration stands for, for whoever wants to know it without being a bridge. */
import { createSecrets, referencesIn, SecretError } from '@fairlead/secret-engines';
import { nodeClock, nodeRandom, type Environment } from '@fairlead/service-kit';
import { databaseUrl } from './bridge-secrets.ts';
import type { BridgeConfig } from './config.ts';

/** Values behind a configuration. */
export interface BridgeWays {
  /** The database's URL, which may hold a password. Rejects with the secret engine's reason. */
  sqlUrl(): Promise<string>;
  /** The content of a file, or of what an option refers to. */
  content(option: string): Promise<Buffer>;
  /** What it refers to in secret engines: how many, and why some cannot be had. Never rejects. */
  references(): Promise<{ readonly count: number; readonly reasons: readonly string[] }>;
  /** Frees what the ways hold. */
  close(): Promise<void>;
}

/** The values of this configuration; nothing is read yet. */
export function openBridgeWays(
  config: BridgeConfig,
  { environment }: { readonly environment: Environment },
): BridgeWays {
  const secrets = createSecrets({
    ...{ config: config.secrets, environment, clock: nodeClock, random: nodeRandom },
  });
  return {
    sqlUrl: () => databaseUrl(config.sql, secrets),
    content: (option) => secrets.content(option),
    references: async () => {
      const all = [...new Set(referencesIn(config))];
      const tried = await Promise.allSettled(all.map((reference) => secrets.content(reference)));
      const reasons = tried.flatMap((each) =>
        each.status === 'rejected' ? [SecretError.from(each.reason, '').message] : [],
      );
      return { count: all.length, reasons };
    },
    close: () => secrets.close(),
  };
}
