/** Who an agent is, by its token or its certificate, and which account names it may register. */
import { compileNameGlobs } from '@fairlead/service-kit';
import { BearerTokens, type ReadTokenFile } from './bearer-tokens.ts';
import {
  compileSubjectPattern,
  formatSubject,
  type CertificateSubject,
} from './certificate-subject.ts';
import { bearerOf } from './client-credentials.ts';
import { type AgentRule } from './access-config.ts';

/** An agent that may have a link. */
export interface AgentIdentity {
  /** For logs: which rule let it in. */
  readonly description: string;
  /** Whether it may register an account of this name. */
  mayRegister(account: string): boolean;
}

/** What a new link brings along. */
export interface AgentCredentials {
  /** The `authorization` header, if any. */
  readonly authorization: string | undefined;
  /** Subject of the client certificate, if there is one and it is valid. */
  readonly subject: CertificateSubject | undefined;
}

/** The identity, or why there is none (for the log; the agent learns less). */
export type Authentication =
  | { readonly kind: 'known'; readonly identity: AgentIdentity }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Decides who an agent is. */
export type AuthenticateAgent = (credentials: AgentCredentials) => Promise<Authentication>;

/** Without any rule everybody is let in: the configuration allows that on loopback only. */
export function createAgentAuthenticator(
  rules: readonly AgentRule[],
  readFile: ReadTokenFile,
): AuthenticateAgent {
  if (rules.length === 0) {
    const identity = { description: 'anybody', mayRegister: () => true };
    return () => Promise.resolve({ kind: 'known', identity });
  }
  const tokens = new BearerTokens(
    rules.flatMap((rule, at) => {
      const { token, tokenFile } = rule;
      if (token === undefined && tokenFile === undefined) return [];
      return [{ token, tokenFile, value: identityOf(rule, `auth.agents[${at}]`) }];
    }),
    readFile,
  );
  const subjects = rules.flatMap((rule) => {
    if (rule.x509Subject === undefined) return [];
    return [{ matches: compileSubjectPattern(rule.x509Subject), rule }];
  });
  return async ({ authorization, subject }) => {
    const bearer = bearerOf(authorization);
    const byToken = bearer === undefined ? undefined : await tokens.find(bearer);
    if (byToken !== undefined) return { kind: 'known', identity: byToken };
    const bySubject = subject && subjects.find(({ matches }) => matches(subject));
    if (subject && bySubject) {
      return { kind: 'known', identity: identityOf(bySubject.rule, formatSubject(subject)) };
    }
    return { kind: 'unknown', reason: whyUnknown(bearer, subject) };
  };
}

function identityOf(rule: AgentRule, description: string): AgentIdentity {
  return { description, mayRegister: compileNameGlobs(rule.accounts) };
}

function whyUnknown(bearer: string | undefined, subject: CertificateSubject | undefined): string {
  const said = [
    bearer === undefined ? 'no token' : 'a token that no rule of auth.agents has',
    subject === undefined ? 'no valid certificate' : `subject ${formatSubject(subject)}`,
  ];
  return said.join(', ');
}
