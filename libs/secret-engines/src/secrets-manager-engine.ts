/** Secrets in AWS Secrets Manager. The SDK is loaded when the first such reference is resolved. */
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { fromAwsError } from './aws-error.ts';
import type { SecretEngine } from './secret-engine.ts';
import type { SecretsConfig } from './secrets-config.ts';

/** An engine with a client for each region. */
export function createSecretsManagerEngine(config: SecretsConfig['secretsManager']): SecretEngine {
  const clients = new Map<string, SecretsManagerClient>();
  return {
    read: async ({ parameters: { r = '', s } }, signal) => {
      const { GetSecretValueCommand, SecretsManagerClient } =
        await import('@aws-sdk/client-secrets-manager');
      const client =
        clients.get(r) ??
        new SecretsManagerClient({
          region: r,
          ...(config.endpointUrl === undefined ? {} : { endpoint: config.endpointUrl }),
        });
      clients.set(r, client);
      try {
        const command = new GetSecretValueCommand({ SecretId: s });
        const { SecretBinary, SecretString } = await client.send(command, { abortSignal: signal });
        const content = Buffer.from(SecretBinary ?? SecretString ?? '');
        return { kind: 'content', content, keys: 'name' };
      } catch (error: unknown) {
        throw fromAwsError(error);
      }
    },
    close: () => {
      for (const client of clients.values()) client.destroy();
    },
  };
}
