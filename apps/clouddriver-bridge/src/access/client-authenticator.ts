/** Decides who calls over HTTP: by proof, not too often in vain, and not for longer than it is true. */
import { type ClientRule } from './access-config.ts';
import { ApiError } from '../problem-details.ts';
import {
  anybody,
  clientOf,
  compileClientRule,
  type AccountProperties,
  type ApiClient,
  type AuthenticateClient,
  type CompiledClientRule,
} from './api-client.ts';
import { type ReadTokenFile } from './bearer-tokens.ts';
import { type ClientCredentials } from './client-credentials.ts';
import { createProofs, showsSomething, type ProvenIdentity } from './credential-proof.ts';
import { FailureLimiter } from './failure-limiter.ts';
import { type TokenChecks } from './node-token-checks.ts';
import { ProvenCredentials, type AccessClock } from './proven-credentials.ts';

/** What it works with. */
export interface ClientAuthenticatorDeps {
  /** For token files. */
  readonly readFile: ReadTokenFile;
  /** For tokens that say things themselves. */
  readonly tokenChecks: TokenChecks;
  /** Time. */
  readonly clock: AccessClock;
  /** For the accounts' `permissions`. */
  readonly propertiesOf: AccountProperties;
  /** Somebody was not let in; for metrics and the log. */
  readonly refused: (refusal: ClientRefusal) => void;
}

/** Why somebody was not let in: wrong credentials, too many of them, or nobody to ask. */
export interface ClientRefusal {
  readonly reason: 'unknown' | 'limited' | 'unavailable';
  readonly remoteAddress: string;
  /** For people; names no secret. */
  readonly detail: string;
}

/** The door of clients. */
export interface ClientAuthenticator {
  /** Who calls. */
  readonly authenticate: AuthenticateClient;
  /** Looks after what clients have open, until the signal. */
  run(signal: AbortSignal): Promise<void>;
}

/** Twenty at once, then one in three seconds: more than a person mistypes, useless for guessing. */
const failureLimits = { burst: 20, windowMs: 60_000 };
/** When to ask again while what must be asked does not answer. */
const unavailableRetrySeconds = 5;

/** Without any rule everybody may do everything: the configuration allows that on loopback only. */
export function createClientAuthenticator(
  rules: readonly ClientRule[],
  deps: ClientAuthenticatorDeps,
): ClientAuthenticator {
  if (rules.length === 0) {
    return { authenticate: () => Promise.resolve(anybody), run: () => Promise.resolve() };
  }
  const { clock, readFile, tokenChecks } = deps;
  const compiled = rules.map(compileClientRule);
  const proofs = createProofs(compiled, { clock, readFile, tokenChecks, place: 'auth.clients' });
  const proven = new ProvenCredentials(proofs, clock);
  const limiter = new FailureLimiter(failureLimits, clock);
  const authenticate: AuthenticateClient = async (credentials) => {
    if (!showsSomething(credentials)) throw new ApiError(401, 'a bearer token is needed');
    const recent = proven.recent(credentials);
    const proof = await (recent ?? firstProof(credentials));
    switch (proof.kind) {
      case 'known':
        return asClient(credentials, proof.identity);
      case 'unknown':
        throw new ApiError(401, 'these credentials are not known');
      case 'unavailable':
        throw new ApiError(503, 'who calls cannot be found out at the moment', {
          retryAfterSeconds: unavailableRetrySeconds,
        });
    }
  };

  async function firstProof(credentials: ClientCredentials) {
    const { remoteAddress } = credentials;
    const waitMs = limiter.waitMs(remoteAddress);
    if (waitMs > 0) {
      deps.refused({ reason: 'limited', remoteAddress, detail: 'too many failures' });
      const detail = 'too many requests from this address have failed to say who they are';
      throw new ApiError(429, detail, { retryAfterSeconds: Math.ceil(waitMs / 1000) });
    }
    limiter.charge(remoteAddress);
    const proof = await proven.prove(credentials);
    if (proof.kind !== 'unknown') limiter.forgive(remoteAddress);
    if (proof.kind !== 'known') {
      deps.refused({ reason: proof.kind, remoteAddress, detail: proof.reason });
    }
    return proof;
  }

  function asClient(
    credentials: ClientCredentials,
    identity: ProvenIdentity<CompiledClientRule>,
  ): ApiClient {
    const [rule] = identity.rules;
    return clientOf({
      name: [rule?.name, identity.name].filter(Boolean).join(':'),
      groups: identity.groups,
      rules: identity.rules,
      propertiesOf: deps.propertiesOf,
      watch: (watched) => proven.watch(credentials, identity, watched),
    });
  }

  return { authenticate, run: (signal) => proven.run(signal) };
}
