/**
 * Secrets in files in S3, or in a service that speaks it. The SDK, and with it AWS's usual ways to
 * credentials, is loaded when the first such reference is resolved.
 */
import type { S3Client } from '@aws-sdk/client-s3';
import { fromAwsError } from './aws-error.ts';
import type { SecretEngine } from './secret-engine.ts';
import type { SecretsConfig } from './secrets-config.ts';

/** An engine with a client for each region. */
export function createS3Engine(config: SecretsConfig['s3']): SecretEngine {
  const clients = new Map<string, S3Client>();
  return {
    read: async ({ parameters: { r = '', b, f } }, signal) => {
      const { GetObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
      const client =
        clients.get(r) ??
        new S3Client({
          region: r,
          forcePathStyle: config.pathStyleAccessEnabled,
          ...(config.endpointUrl === undefined ? {} : { endpoint: config.endpointUrl }),
        });
      clients.set(r, client);
      try {
        const command = new GetObjectCommand({ Bucket: b, Key: f });
        const { Body } = await client.send(command, { abortSignal: signal });
        const content = Buffer.from((await Body?.transformToByteArray()) ?? []);
        return { kind: 'content', content, keys: 'path' };
      } catch (error: unknown) {
        throw fromAwsError(error);
      }
    },
    close: () => {
      for (const client of clients.values()) client.destroy();
    },
  };
}
