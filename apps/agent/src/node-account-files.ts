/** The kubeconfigs that accounts name: clients made from them, and what they hold. */
import { readFile } from 'node:fs/promises';
import {
  clusterClientFromKubeconfig,
  clusterClientFromServiceAccount,
  type ClusterClient,
  type KubeconfigDocuments,
} from '@fairlead/cluster-client';
import { isSecretReference, type Secrets } from '@fairlead/secret-engines';
import type { AccountConfig } from './account-config.ts';
import { parseKubeconfig, type KubeconfigDocument } from './kubeconfig-digest.ts';

/** A client with the account's own credentials. */
export async function connectCluster(
  account: AccountConfig,
  shared: {
    readonly userAgent: string;
    /** Kubeconfigs that were parsed already, for whichever account. */
    readonly documents: KubeconfigDocuments;
    /** For kubeconfigs that are references. */
    readonly secrets: Pick<Secrets, 'content'>;
  },
): Promise<ClusterClient> {
  const { userAgent, documents, secrets } = shared;
  const { kubeconfigFile, context, insecure } = account;
  if (kubeconfigFile === undefined) return clusterClientFromServiceAccount({ userAgent });
  return clusterClientFromKubeconfig({
    ...{ kubeconfigFile, insecure, userAgent, documents },
    ...(context === undefined ? {} : { context }),
    ...(isSecretReference(kubeconfigFile)
      ? { read: async (mode) => (await secrets.content(kubeconfigFile, mode)).toString('utf8') }
      : {}),
  });
}

/** Kubeconfigs of the accounts, each once: paths and references. */
export function accountKubeconfigs(accounts: readonly AccountConfig[]): string[] {
  return [...new Set(accounts.flatMap((account) => account.kubeconfigFile ?? []))];
}

/**
 * The kubeconfigs that the accounts name, as they are now: files are read, and of references what is
 * known already. Nobody is waited for: one account's engine must not hold up the others.
 */
export async function readKubeconfigs(
  accounts: readonly AccountConfig[],
  secrets: Pick<Secrets, 'known'>,
): Promise<ReadonlyMap<string, KubeconfigDocument>> {
  const documents = new Map<string, KubeconfigDocument>();
  for (const source of accountKubeconfigs(accounts)) {
    // One that is not there is like an empty one; the account says so when it connects.
    const text = isSecretReference(source)
      ? (secrets.known(source)?.toString('utf8') ?? '')
      : await readFile(source, 'utf8').catch(() => '');
    documents.set(source, parseKubeconfig(text));
  }
  return documents;
}
