/** What a bridge's configuration stands for, for whoever wants to know it without being a bridge. */
import { readFile } from 'node:fs/promises';
import type { BridgeConfig } from './config.ts';

/** Values behind a configuration. */
export interface BridgeWays {
  /** The database's URL, which may hold a password. */
  sqlUrl(): Promise<string>;
  /** What an option that names a file stands for. */
  content(option: string): Promise<Buffer>;
  /** Frees what the ways hold. */
  close(): Promise<void>;
}

/** The values of this configuration; nothing is read yet. */
export function openBridgeWays(config: BridgeConfig): BridgeWays {
  return {
    sqlUrl: () => Promise.resolve(config.sql.url),
    content: (option) => readFile(option),
    close: () => Promise.resolve(),
  };
}
