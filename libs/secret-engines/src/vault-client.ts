/**
 * Vault's HTTP API as far as reading secrets needs it. There is no official client for Node.js, and
 * what is needed is five requests (docs/decisions/0052).
 *
 * @see https://developer.hashicorp.com/vault/api-docs
 */
import { readSecretFile } from './node-file-engine.ts';
import { requestJson, type JsonAnswer } from './node-json-request.ts';
import { SecretError } from './secret-error.ts';
import type { VaultConfig } from './secrets-config.ts';

/** One request. */
export interface VaultRequest {
  readonly method: 'GET' | 'POST';
  /** Below `/v1/`, in parts that are encoded here: mounts and paths may have slashes. */
  readonly path: string;
  /** Namespace of Vault Enterprise and OpenBao; '' for the root. */
  readonly namespace: string;
  /** @defaultValue none: logins */
  readonly token?: string;
  readonly body?: unknown;
  readonly signal: AbortSignal;
}

/** Sends requests to one Vault. */
export type AskVault = (request: VaultRequest) => Promise<JsonAnswer>;

/** A way to ask the Vault that the configuration names. Its CA is read for each request. */
export function createVaultClient({
  url = '',
  cacert,
}: Pick<VaultConfig, 'url' | 'cacert'>): AskVault {
  const base = url.replace(/\/+$/, '');
  return async ({ method, path, namespace, token, body, signal }) => {
    const ca = cacert === undefined ? undefined : await readSecretFile(cacert, signal);
    const answer = await requestJson({
      ...{ method, body, ca, signal },
      url: `${base}/v1/${path.split('/').map(encodeURIComponent).join('/')}`,
      headers: {
        // Against being led to make requests for somebody else; Vault's agent asks for it.
        'x-vault-request': 'true',
        ...(token === undefined ? {} : { 'x-vault-token': token }),
        ...(namespace === '' ? {} : { 'x-vault-namespace': namespace }),
      },
    });
    // 429 of a standby's quota, 5xx; 503 is a sealed Vault.
    if (answer.status === 503)
      throw new SecretError('unavailable', 'Vault is sealed or in maintenance');
    if (answer.status >= 500 || answer.status === 429) {
      throw new SecretError('unavailable', `HTTP ${answer.status}`);
    }
    return answer;
  };
}

/** The part of an answer; `undefined` where it is none. */
export function partOf(answer: unknown, ...steps: readonly string[]): unknown {
  let part = answer;
  for (const step of steps) {
    if (typeof part !== 'object' || part === null) return undefined;
    part = (part as Readonly<Record<string, unknown>>)[step];
  }
  return part;
}
