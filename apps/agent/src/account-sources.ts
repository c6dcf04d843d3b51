/**
 * What accounts depend on beside their configuration, with a memory: a kubeconfig that is only half
 * written (or gone for the moment) is no reason to restart an account that works.
 */
import type { AccountConfig } from './account-config.ts';
import type { AccountSource } from './accounts.ts';
import { digestOfContext, isUsable, type KubeconfigDocument } from './kubeconfig-digest.ts';

/** A kubeconfig that some accounts cannot be started with as it is now. */
export interface UnusableKubeconfig {
  /** The file. */
  readonly file: string;
  /** The accounts that go on with what they had from it. */
  readonly accounts: readonly string[];
}

interface UsableDigest {
  /** File and context that it is of. */
  readonly dependsOn: string;
  readonly digest: string;
}

/** Digests of the accounts' files; each is kept until a usable file gives another. */
export class AccountSources {
  readonly #onUnusable: (unusable: UnusableKubeconfig) => void;
  /** Digests from usable files, by account. */
  #usable = new Map<string, UsableDigest>();
  /** Files that were told of. */
  #told = new Set<string>();

  /** `onUnusable` is told once for each file that was usable and is no more, until it is again. */
  constructor(onUnusable: (unusable: UnusableKubeconfig) => void) {
    this.#onUnusable = onUnusable;
  }

  /** The accounts with their digests, from the kubeconfigs as they are now. */
  update(
    accounts: readonly AccountConfig[],
    documents: ReadonlyMap<string, KubeconfigDocument>,
  ): AccountSource[] {
    const usable = new Map<string, UsableDigest>();
    const unusable = new Map<string, string[]>();
    const sources = accounts.map((config): AccountSource => {
      const { name, context, kubeconfigFile: file = '' } = config;
      const document = documents.get(file);
      const dependsOn = JSON.stringify([file, context]);
      const before = this.#usable.get(name);
      const kept = before?.dependsOn === dependsOn ? before : undefined;
      const digest = digestOfContext(document, context);
      if (isUsable(document, context)) usable.set(name, { dependsOn, digest });
      else if (kept !== undefined) {
        usable.set(name, kept);
        unusable.set(file, [...(unusable.get(file) ?? []), name]);
        return { config, filesDigest: kept.digest };
      }
      return { config, filesDigest: digest };
    });
    this.#usable = usable;
    this.#tell(unusable);
    return sources;
  }

  #tell(unusable: ReadonlyMap<string, readonly string[]>): void {
    for (const [file, accounts] of unusable) {
      if (!this.#told.has(file)) this.#onUnusable({ file, accounts });
    }
    this.#told = new Set(unusable.keys());
  }
}
