/** The files that accounts name: clients made from them, and digests that tell when they changed. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  clusterClientFromKubeconfig,
  clusterClientFromServiceAccount,
  type ClusterClient,
} from '@fairlead/cluster-client';
import type { AccountConfig } from './account-config.ts';
import type { AccountSource } from './accounts.ts';

/** A client with the account's own credentials. */
export async function connectCluster(
  account: AccountConfig,
  userAgent: string,
): Promise<ClusterClient> {
  const { kubeconfigFile, context, insecure } = account;
  if (kubeconfigFile === undefined) return clusterClientFromServiceAccount({ userAgent });
  if (kubeconfigFile.startsWith('encryptedFile:')) {
    throw new Error('encryptedFile references are not resolved; mount the kubeconfig as a file');
  }
  return clusterClientFromKubeconfig({
    ...{ kubeconfigFile, insecure, userAgent },
    ...(context === undefined ? {} : { context }),
  });
}

/** Kubeconfig files of the accounts, each once. */
export function accountFiles(accounts: readonly AccountConfig[]): string[] {
  const files = accounts.flatMap((account) => account.kubeconfigFile ?? []);
  return [...new Set(files)].filter((file) => !file.startsWith('encryptedFile:'));
}

/** The accounts with the digests of their files as they are now. */
export async function withFileDigests(
  accounts: readonly AccountConfig[],
): Promise<AccountSource[]> {
  const digests = new Map<string, string>();
  for (const file of accountFiles(accounts)) digests.set(file, await digestOf(file));
  return accounts.map((config) => ({
    config,
    filesDigest: digests.get(config.kubeconfigFile ?? '') ?? '',
  }));
}

async function digestOf(file: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  } catch (error: unknown) {
    return `unreadable ${(error as NodeJS.ErrnoException).code ?? ''}`;
  }
}
