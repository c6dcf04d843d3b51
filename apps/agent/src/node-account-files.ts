/** The files that accounts name: clients made from them, and digests that tell when they changed. */
import { readFile } from 'node:fs/promises';
import {
  clusterClientFromKubeconfig,
  clusterClientFromServiceAccount,
  type ClusterClient,
} from '@fairlead/cluster-client';
import type { AccountConfig } from './account-config.ts';
import type { AccountSource } from './accounts.ts';
import { digestOfContext, parseKubeconfig, type KubeconfigDocument } from './kubeconfig-digest.ts';

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
  const documents = new Map<string, KubeconfigDocument>();
  for (const file of accountFiles(accounts)) {
    // A file that is not there is like an empty one; the account says so when it connects.
    documents.set(file, parseKubeconfig(await readFile(file, 'utf8').catch(() => '')));
  }
  return accounts.map((config) => {
    const document = documents.get(config.kubeconfigFile ?? '');
    return { config, filesDigest: digestOfContext(document, config.context) };
  });
}
