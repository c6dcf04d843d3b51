/**
 * Secrets in Vault (or OpenBao): the key-value engine in both of its versions, which differ in the
 * path and in the form of the answer.
 *
 * @see https://developer.hashicorp.com/vault/api-docs/secret/kv
 */
import { SecretError } from './secret-error.ts';
import type { SecretDocument } from './secret-document.ts';
import type { SecretEngine } from './secret-engine.ts';
import type { SecretReference } from './secret-reference.ts';
import { partOf, type AskVault } from './vault-client.ts';
import type { VaultLogin } from './vault-login.ts';

/** What the engine works with. */
export interface VaultEngineDeps {
  readonly ask: AskVault;
  readonly login: Pick<VaultLogin, 'token' | 'forget' | 'restMs'>;
  /** Of references that name none; '' for the root. */
  readonly namespace: string;
}

/** Where a secret is. */
interface VaultPlace {
  readonly mount: string;
  readonly path: string;
  readonly namespace: string;
}

type Version = 1 | 2;

/** An engine over one Vault. */
export function createVaultEngine(deps: VaultEngineDeps): SecretEngine {
  const versions = new Map<string, Version>();
  return {
    read: async ({ parameters }: SecretReference, signal) => {
      const { e = '', p = '', n = deps.namespace } = parameters;
      const place = { mount: trim(e), path: trim(p), namespace: n };
      const session = new VaultReading({ deps, place, versions, signal });
      return session.read();
    },
  };
}

/** One reading: asks once more with a new token when Vault refuses the one that was at hand. */
class VaultReading {
  readonly #deps: VaultEngineDeps;
  readonly #place: VaultPlace;
  readonly #versions: Map<string, Version>;
  readonly #signal: AbortSignal;

  constructor(options: {
    readonly deps: VaultEngineDeps;
    readonly place: VaultPlace;
    readonly versions: Map<string, Version>;
    readonly signal: AbortSignal;
  }) {
    this.#deps = options.deps;
    this.#place = options.place;
    this.#versions = options.versions;
    this.#signal = options.signal;
  }

  async read(): Promise<SecretDocument> {
    const known = await this.#version();
    const answers = [];
    for (const version of known === undefined ? ([2, 1] as const) : [known]) {
      const answer = await this.#readAs(version);
      if (answer.kind === 'found') return answer.document;
      answers.push(answer.status);
    }
    // A mount that was made anew may have another version.
    this.#versions.delete(this.#mountKey());
    if (answers.includes(403)) throw new SecretError('denied', 'permission denied');
    throw new SecretError('notFound', 'there is no such secret');
  }

  #mountKey(): string {
    return `${this.#place.namespace}\0${this.#place.mount}`;
  }

  /** As Vault's own command line finds out; whoever may read a secret may ask that. */
  async #version(): Promise<Version | undefined> {
    const known = this.#versions.get(this.#mountKey());
    if (known !== undefined) return known;
    const { mount, path } = this.#place;
    const { status, body } = await this.#ask(`sys/internal/ui/mounts/${mount}/${path}`);
    if (status !== 200) return undefined;
    const version: Version = partOf(body, 'data', 'options', 'version') === '2' ? 2 : 1;
    this.#versions.set(this.#mountKey(), version);
    return version;
  }

  async #readAs(
    version: Version,
  ): Promise<
    | { readonly kind: 'found'; readonly document: SecretDocument }
    | { readonly kind: 'nothing'; readonly status: number }
  > {
    const { mount, path } = this.#place;
    const { status, body } = await this.#ask(
      version === 2 ? `${mount}/data/${path}` : `${mount}/${path}`,
    );
    const data = version === 2 ? partOf(body, 'data', 'data') : partOf(body, 'data');
    if (status !== 200 || typeof data !== 'object' || data === null) {
      return { kind: 'nothing', status };
    }
    const leaseSeconds = partOf(body, 'lease_duration');
    const leaseMs =
      typeof leaseSeconds === 'number' && leaseSeconds > 0 ? leaseSeconds * 1000 : Infinity;
    const maxAgeMs = Math.min(leaseMs, this.#deps.login.restMs);
    return { kind: 'found', document: { kind: 'fields', fields: fieldsOf(data), maxAgeMs } };
  }

  async #ask(path: string) {
    const { login, ask } = this.#deps;
    const { namespace } = this.#place;
    const token = await login.token(this.#signal);
    const request = { method: 'GET', path, namespace, signal: this.#signal } as const;
    const answer = await ask({ ...request, token });
    if (answer.status !== 403) return answer;
    login.forget(token);
    const next = await login.token(this.#signal);
    return next === token ? answer : ask({ ...request, token: next });
  }
}

/** Values that are no texts stand there as the JSON that somebody wrote. */
function fieldsOf(data: object): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(data).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

function trim(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}
