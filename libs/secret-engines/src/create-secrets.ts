/** Makes the secrets of a program from its configuration: the place where engines are chosen. */
import { readFile } from 'node:fs/promises';
import {
  clusterClientFromKubeconfig,
  clusterClientFromServiceAccount,
} from '@fairlead/cluster-client';
import type { Clock, Random } from '@fairlead/service-kit';
import type { EngineName } from './engine-parameters.ts';
import { createEnvEngine } from './env-engine.ts';
import { createGcsEngine } from './gcs-engine.ts';
import { createK8sEngine } from './k8s-engine.ts';
import { createFileEngine, readSecretFile } from './node-file-engine.ts';
import { createS3Engine } from './s3-engine.ts';
import type { SecretEngine } from './secret-engine.ts';
import { SecretError } from './secret-error.ts';
import type { SecretsConfig } from './secrets-config.ts';
import { createSecretsManagerEngine } from './secrets-manager-engine.ts';
import { Secrets, type SecretsDeps } from './secrets.ts';
import { createVaultClient } from './vault-client.ts';
import { createVaultEngine } from './vault-engine.ts';
import { VaultLogin } from './vault-login.ts';

/** What the program hands in. */
export interface CreateSecretsOptions extends Pick<SecretsDeps, 'onTrouble'> {
  /** Its section `secrets:`. */
  readonly config: SecretsConfig;
  /** Its environment: for the engine `env`, and for VAULT_TOKEN. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Time. */
  readonly clock: Clock;
  /** Jitter. */
  readonly random: Random;
}

/** Nothing is connected, and no SDK loaded, before a reference is resolved. */
export function createSecrets(options: CreateSecretsOptions): Secrets {
  const { config, environment, clock, random, onTrouble } = options;
  const engines = new Map<EngineName, SecretEngine>([
    ['file', createFileEngine()],
    ['env', createEnvEngine(environment)],
    ['k8s', k8sEngine(config.k8s)],
    ['s3', createS3Engine(config.s3)],
    ['gcs', createGcsEngine(config.gcs)],
    ['secrets-manager', createSecretsManagerEngine(config.secretsManager)],
  ]);
  if (config.vault.enabled) {
    const ask = createVaultClient(config.vault);
    const login = new VaultLogin({ config: config.vault, ask, clock, environment });
    const namespace = config.vault.namespace ?? '';
    engines.set('vault', createVaultEngine({ ask, login, namespace }));
  }
  return new Secrets({
    ...{ engines, clock, random },
    readFile: (path) => readFile(path),
    refreshIntervalMs: config.refreshIntervalSeconds * 1000,
    ...(onTrouble === undefined ? {} : { onTrouble }),
  });
}

/** Where a pod finds its own namespace: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
const namespaceFile = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

function k8sEngine({ kubeconfigFile, context, namespace }: SecretsConfig['k8s']): SecretEngine {
  return createK8sEngine({
    connect: () =>
      kubeconfigFile === undefined
        ? clusterClientFromServiceAccount()
        : clusterClientFromKubeconfig({
            kubeconfigFile,
            ...(context === undefined ? {} : { context }),
          }),
    namespace: async () => {
      if (namespace !== undefined) return namespace;
      try {
        return (await readSecretFile(namespaceFile)).toString('utf8').trim();
      } catch {
        throw new SecretError('disabled', 'give ns: in the reference, or secrets.k8s.namespace');
      }
    },
  });
}
