/**
 * Secrets in files in Google Cloud Storage: its JSON API, with Google's own library for credentials,
 * which is loaded when the first such reference is resolved (docs/decisions/0051).
 *
 * @see https://cloud.google.com/storage/docs/json_api/v1/objects/get
 */
import type { GoogleAuth } from 'google-auth-library';
import { SecretError, systemCodeOf } from './secret-error.ts';
import type { SecretEngine } from './secret-engine.ts';
import type { SecretsConfig } from './secrets-config.ts';

const defaultEndpoint = 'https://storage.googleapis.com';
const scope = 'https://www.googleapis.com/auth/devstorage.read_only';

/** An engine over what the program's own Google account may read. */
export function createGcsEngine(config: SecretsConfig['gcs']): SecretEngine {
  const endpoint = (config.endpointUrl ?? defaultEndpoint).replace(/\/+$/, '');
  let auth: GoogleAuth | undefined;
  const authorization = async (): Promise<Record<string, string>> => {
    if (config.credentials === 'none') return {};
    const { GoogleAuth } = await import('google-auth-library');
    auth ??= new GoogleAuth({ scopes: scope });
    try {
      const token = await auth.getAccessToken();
      return { authorization: `Bearer ${token ?? ''}` };
    } catch (error: unknown) {
      const code = systemCodeOf(error);
      throw new SecretError(
        'denied',
        `there are no credentials for Google Cloud${code === '' ? '' : ` (${code})`}`,
      );
    }
  };
  return {
    read: async ({ parameters: { b = '', f = '' } }, signal) => {
      const path = `/storage/v1/b/${encodeURIComponent(b)}/o/${encodeURIComponent(f)}?alt=media`;
      const headers = await authorization();
      const response = await fetch(endpoint + path, { headers, signal });
      if (response.status !== 200) {
        await response.body?.cancel();
        throw refusalOf(response.status);
      }
      return { kind: 'content', content: Buffer.from(await response.arrayBuffer()), keys: 'path' };
    },
  };
}

function refusalOf(status: number): SecretError {
  if (status === 401 || status === 403) return new SecretError('denied', 'permission denied');
  if (status === 404) return new SecretError('notFound', 'there is no such file or bucket');
  return new SecretError('unavailable', `HTTP ${status}`);
}
