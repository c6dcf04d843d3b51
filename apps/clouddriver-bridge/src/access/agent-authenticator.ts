/** Decides who an agent is, which account names it may register, and for how long that holds. */
import { compileNameGlobs } from '@fairlead/service-kit';
import { type AgentRule } from './access-config.ts';
import { type ReadTokenFile } from './bearer-tokens.ts';
import { type ClientCredentials } from './client-credentials.ts';
import { createProofs, showsSomething, type ProvenIdentity } from './credential-proof.ts';
import { FailureLimiter } from './failure-limiter.ts';
import { type TokenChecks } from './node-token-checks.ts';
import { ProvenCredentials, type AccessClock } from './proven-credentials.ts';

/** An agent that may have a link. */
export interface AgentIdentity {
  /** For logs: which rule let it in. */
  readonly description: string;
  /** Patterns of the account names that it may register. */
  readonly accountNames: readonly string[];
  /** Whether it may register an account of this name. */
  mayRegister(account: string): boolean;
  /**
   * `onEnded` is called once, within 60 s after the agent's credentials are not valid any more, with a
   * reason that names no secret. The answer is to be called when its link is closed.
   */
  watch(onEnded: (reason: string) => void): () => void;
}

/** What a new link brings along. */
export type AgentCredentials = ClientCredentials;

/**
 * The identity, or why there is none, for the log; the agent learns less. `limited` and `unavailable`
 * may pass.
 */
export type Authentication =
  { readonly kind: 'known'; readonly identity: AgentIdentity } | LinkRefusal;

/** Why an agent is not let in. */
export interface LinkRefusal {
  readonly kind: 'unknown' | 'unavailable' | 'limited';
  /** For the log; names no secret. */
  readonly reason: string;
}

/** Decides who an agent is. */
export type AuthenticateAgent = (credentials: AgentCredentials) => Promise<Authentication>;

/** What it works with. */
export interface AgentAuthenticatorDeps {
  /** For token files. */
  readonly readFile: ReadTokenFile;
  /** For tokens that say things themselves. */
  readonly tokenChecks: TokenChecks;
  /** Time. */
  readonly clock: AccessClock;
}

/** The door of agents. */
export interface AgentAuthenticator {
  /** Who an agent is. */
  readonly authenticate: AuthenticateAgent;
  /** Looks after the links that are open, until the signal. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Four a second: agents that are wrongly configured try again for ever, and a proxy may make hundreds
 * of them one address; a guess at a token of 128 bits does not care.
 */
const failureLimits = { burst: 240, windowMs: 60_000 };

/** Without any rule everybody is let in: the configuration allows that on loopback only. */
export function createAgentAuthenticator(
  rules: readonly AgentRule[],
  deps: AgentAuthenticatorDeps,
): AgentAuthenticator {
  if (rules.length === 0) {
    const identity = {
      description: 'anybody',
      accountNames: ['*'],
      mayRegister: () => true,
      watch: () => () => undefined,
    };
    const known = { kind: 'known', identity } as const;
    return { authenticate: () => Promise.resolve(known), run: () => Promise.resolve() };
  }
  const proven = new ProvenCredentials(
    createProofs(rules, { ...deps, place: 'auth.agents' }),
    deps.clock,
  );
  const limiter = new FailureLimiter(failureLimits, deps.clock);
  const authenticate: AuthenticateAgent = async (credentials) => {
    const recent = proven.recent(credentials);
    const { remoteAddress } = credentials;
    if (recent === undefined) {
      if (limiter.waitMs(remoteAddress) > 0) {
        return { kind: 'limited', reason: 'too many links from its address were refused' };
      }
      limiter.charge(remoteAddress);
    }
    const proof = await (recent ?? proven.prove(credentials));
    const hasFailed = proof.kind === 'unknown' && showsSomething(credentials);
    if (recent === undefined && !hasFailed) limiter.forgive(remoteAddress);
    if (proof.kind !== 'known') return proof;
    return { kind: 'known', identity: asAgent(credentials, proof.identity) };
  };

  function asAgent(
    credentials: AgentCredentials,
    identity: ProvenIdentity<AgentRule>,
  ): AgentIdentity {
    const accountNames = identity.rules.flatMap(({ accounts }) => accounts);
    return {
      description: identity.description,
      accountNames,
      mayRegister: compileNameGlobs(accountNames),
      watch: (onEnded) => proven.watch(credentials, identity, { onEnded }),
    };
  }

  return { authenticate, run: (signal) => proven.run(signal) };
}
