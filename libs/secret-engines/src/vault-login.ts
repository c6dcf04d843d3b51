/**
 * The token that Vault is asked with: given, from a file, or from a login; renewed while Vault allows
 * it, and had anew when it ends or is refused.
 */
import type { Clock } from '@fairlead/service-kit';
import { readSecretFile } from './node-file-engine.ts';
import { SecretError } from './secret-error.ts';
import type { VaultConfig } from './secrets-config.ts';
import { partOf, type AskVault } from './vault-client.ts';

/** What a login works with. */
export interface VaultLoginDeps {
  readonly config: VaultConfig;
  readonly ask: AskVault;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** VAULT_TOKEN is read from there. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A token and how long it lives. */
interface VaultToken {
  readonly token: string;
  readonly isRenewable: boolean;
  /** When it is time to renew it, epoch milliseconds. */
  readonly renewAtMs: number;
  /** When it ends, epoch milliseconds; Infinity for one that does not. */
  readonly endsAtMs: number;
}

/** Of its life, after which a token is renewed: early enough for several attempts. */
const renewAfter = 0.5;
/** A token with less to live than this is not used any more, in milliseconds. */
const leastLifeMs = 5_000;

/** Has a token when one is needed. */
export class VaultLogin {
  readonly #deps: VaultLoginDeps;
  #current: VaultToken | undefined;
  #working: Promise<VaultToken> | undefined;

  constructor(deps: VaultLoginDeps) {
    this.#deps = deps;
  }

  /**
   * A token that lives.
   * @throws SecretError when Vault does not let us in, or something that is needed for it is not there
   */
  async token(signal: AbortSignal): Promise<string> {
    const { config } = this.#deps;
    // Whoever writes the file looks after its token.
    if (config.tokenFile !== undefined) return readText(config.tokenFile, 'tokenFile', signal);
    const nowMs = this.#deps.clock.nowMs();
    const current = this.#current;
    if (current !== undefined && nowMs < current.renewAtMs) return current.token;
    this.#working ??= this.#next(signal).finally(() => {
      this.#working = undefined;
    });
    return (await this.#working).token;
  }

  /** How long the token can wait to be renewed, in milliseconds; a secret must be read by then. */
  get restMs(): number {
    const { renewAtMs = Infinity } = this.#current ?? {};
    return Math.max(1_000, renewAtMs - this.#deps.clock.nowMs());
  }

  /** Vault refuses the token: the next one is had anew. */
  forget(token: string): void {
    if (this.#current?.token === token) this.#current = undefined;
  }

  async #next(signal: AbortSignal): Promise<VaultToken> {
    const renewed = await this.#renew(signal);
    this.#current = renewed ?? (await this.#begin(signal));
    return this.#current;
  }

  /** `undefined`: log in. Vault may cut a renewal short where the token's longest life is near. */
  async #renew(signal: AbortSignal): Promise<VaultToken | undefined> {
    const current = this.#current;
    const nowMs = this.#deps.clock.nowMs();
    if (current === undefined || current.endsAtMs - nowMs < leastLifeMs) return undefined;
    if (!current.isRenewable) return this.#isGiven() ? current : undefined;
    const { ask, config } = this.#deps;
    const { status, body } = await ask({
      ...{ method: 'POST', path: 'auth/token/renew-self', body: {}, signal },
      ...{ namespace: config.namespace ?? '', token: current.token },
    });
    if (status !== 200) return undefined;
    const renewed = this.#tokenFrom(partOf(body, 'auth'));
    const hasGrown = renewed !== undefined && renewed.endsAtMs > current.endsAtMs + leastLifeMs;
    return hasGrown || this.#isGiven() ? renewed : undefined;
  }

  #isGiven(): boolean {
    return this.#deps.config.authMethod === 'TOKEN';
  }

  async #begin(signal: AbortSignal): Promise<VaultToken> {
    const { config, ask } = this.#deps;
    if (config.authMethod === 'TOKEN') return this.#given(signal);
    const { path, body } = await loginOf(config, signal);
    const namespace = config.namespace ?? '';
    const answer = await ask({ method: 'POST', path, namespace, body, signal });
    const token = this.#tokenFrom(partOf(answer.body, 'auth'));
    if (token === undefined) {
      const reason = `Vault refuses the login at ${path} (HTTP ${answer.status})`;
      throw new SecretError('denied', reason);
    }
    return token;
  }

  /** A token from the configuration: how long it lives is asked. */
  async #given(signal: AbortSignal): Promise<VaultToken> {
    const { config, environment, ask, clock } = this.#deps;
    const token = (config.token ?? environment.VAULT_TOKEN ?? '').trim();
    if (token === '') {
      throw new SecretError(
        'denied',
        'no token: give secrets.vault.token, tokenFile or VAULT_TOKEN',
      );
    }
    const namespace = config.namespace ?? '';
    const path = 'auth/token/lookup-self';
    const { status, body } = await ask({ method: 'GET', path, namespace, token, signal });
    if (status === 403) throw new SecretError('denied', 'Vault refuses the token');
    const ttlMs = millisecondsOf(partOf(body, 'data', 'ttl'));
    const isRenewable = partOf(body, 'data', 'renewable') === true;
    return lifeOf({ token, isRenewable, ttlMs, nowMs: clock.nowMs() });
  }

  #tokenFrom(auth: unknown): VaultToken | undefined {
    const token = partOf(auth, 'client_token');
    if (typeof token !== 'string' || token === '') return undefined;
    return lifeOf({
      token,
      isRenewable: partOf(auth, 'renewable') === true,
      ttlMs: millisecondsOf(partOf(auth, 'lease_duration')),
      nowMs: this.#deps.clock.nowMs(),
    });
  }
}

/** Where and with what each method logs in. */
async function loginOf(
  config: VaultConfig,
  signal: AbortSignal,
): Promise<{ readonly path: string; readonly body: object }> {
  switch (config.authMethod) {
    case 'KUBERNETES': {
      const jwt = await readText(config.serviceAccountTokenFile, 'serviceAccountTokenFile', signal);
      const path = `auth/${config.path ?? 'kubernetes'}/login`;
      return { path, body: { role: config.role, jwt } };
    }
    case 'APPROLE': {
      const secretId = await readText(config.secretIdFile ?? '', 'secretIdFile', signal);
      const path = `auth/${config.path ?? 'approle'}/login`;
      return { path, body: { role_id: config.roleId, secret_id: secretId } };
    }
    case 'USERPASS': {
      const path = `auth/${config.userAuthPath ?? 'userpass'}/login/${config.username ?? ''}`;
      return { path, body: { password: config.password } };
    }
    case 'TOKEN':
    case undefined:
      throw new SecretError('disabled', 'secrets.vault.authMethod is not set');
  }
}

async function readText(file: string, option: string, signal: AbortSignal): Promise<string> {
  try {
    return (await readSecretFile(file, signal)).toString('utf8').trim();
  } catch (error: unknown) {
    const { code, reason } = SecretError.from(error, '');
    throw new SecretError(code, `secrets.vault.${option}: ${reason}`);
  }
}

function lifeOf(facts: {
  readonly token: string;
  readonly isRenewable: boolean;
  readonly ttlMs: number;
  readonly nowMs: number;
}): VaultToken {
  const { token, isRenewable, ttlMs, nowMs } = facts;
  const endsAtMs = ttlMs > 0 ? nowMs + ttlMs : Infinity;
  return {
    token,
    isRenewable,
    endsAtMs,
    renewAtMs: nowMs + (ttlMs > 0 ? ttlMs : Infinity) * renewAfter,
  };
}

/** Vault counts whole seconds; 0 is for ever. */
function millisecondsOf(seconds: unknown): number {
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : 0;
}
