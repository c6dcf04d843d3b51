/** The files that accounts name: clients made from them, and what they hold. */
import { readFile } from 'node:fs/promises';
import {
  clusterClientFromKubeconfig,
  clusterClientFromServiceAccount,
  type ClusterClient,
  type KubeconfigDocuments,
} from '@fairlead/cluster-client';
import type { AccountConfig } from './account-config.ts';
import { parseKubeconfig, type KubeconfigDocument } from './kubeconfig-digest.ts';

/** A client with the account's own credentials. */
export async function connectCluster(
  account: AccountConfig,
  shared: {
    readonly userAgent: string;
    /** Kubeconfigs that were parsed already, for whichever account. */
    readonly documents: KubeconfigDocuments;
  },
): Promise<ClusterClient> {
  const { userAgent, documents } = shared;
  const { kubeconfigFile, context, insecure } = account;
  if (kubeconfigFile === undefined) return clusterClientFromServiceAccount({ userAgent });
  if (kubeconfigFile.startsWith('encryptedFile:')) {
    throw new Error('encryptedFile references are not resolved; mount the kubeconfig as a file');
  }
  return clusterClientFromKubeconfig({
    ...{ kubeconfigFile, insecure, userAgent, documents },
    ...(context === undefined ? {} : { context }),
  });
}

/** Kubeconfig files of the accounts, each once. */
export function accountFiles(accounts: readonly AccountConfig[]): string[] {
  const files = accounts.flatMap((account) => account.kubeconfigFile ?? []);
  return [...new Set(files)].filter((file) => !file.startsWith('encryptedFile:'));
}

/** The kubeconfigs that the accounts name, as they are now. */
export async function readKubeconfigs(
  accounts: readonly AccountConfig[],
): Promise<ReadonlyMap<string, KubeconfigDocument>> {
  const documents = new Map<string, KubeconfigDocument>();
  for (const file of accountFiles(accounts)) {
    // A file that is not there is like an empty one; the account says so when it connects.
    documents.set(file, parseKubeconfig(await readFile(file, 'utf8').catch(() => '')));
  }
  return documents;
}
