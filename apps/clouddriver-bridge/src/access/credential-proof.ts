/**
 * What shown credentials prove: which rules of the configuration they fulfil. A token and a
 * certificate may stand side by side; the token is asked first.
 */
import { BearerTokens, type ReadTokenFile } from './bearer-tokens.ts';
import {
  compileSubjectPattern,
  formatSubject,
  type CertificateSubject,
} from './certificate-subject.ts';
import { bearerOf, type ClientCredentials } from './client-credentials.ts';

/** What a rule asks for; one of them is set. */
export interface ProofRule {
  /** The bearer token itself. */
  readonly token?: string | undefined;
  /** The file that holds it. */
  readonly tokenFile?: string | undefined;
  /** `CN=agent-*,O=team-a`. */
  readonly x509Subject?: string | undefined;
}

/** What is known of somebody. */
export interface ProvenIdentity<Rule> {
  /** Every rule that is fulfilled, at least one. */
  readonly rules: readonly Rule[];
  /** For logs: which rule, or what the certificate says. Never a token. */
  readonly description: string;
  /** Groups that the credentials name; `undefined` where they cannot name any. */
  readonly groups: readonly string[] | undefined;
  /** When the credentials end by themselves, epoch milliseconds. */
  readonly expiresAtMs: number;
}

/**
 * - `unknown`: no rule is fulfilled; showing the same again does not help.
 * - `unavailable`: what must be asked does not answer; it may help later.
 */
export type Proof<Rule> =
  | { readonly kind: 'known'; readonly identity: ProvenIdentity<Rule> }
  | { readonly kind: 'unknown' | 'unavailable'; readonly reason: string };

/** Finds out what credentials prove. */
export type ProveCredentials<Rule> = (credentials: ClientCredentials) => Promise<Proof<Rule>>;

/** What the proofs work with. */
export interface ProofDeps {
  /** For token files. */
  readonly readFile: ReadTokenFile;
  /** Time. */
  readonly clock: { nowMs(): number };
  /** The list's place in the configuration, for descriptions: `auth.agents`. */
  readonly place: string;
}

/** Proofs by a list of rules. */
export function createProofs<Rule extends ProofRule>(
  rules: readonly Rule[],
  deps: ProofDeps,
): ProveCredentials<Rule> {
  const proveByToken = tokenProofs(rules, deps);
  const subjects = rules.flatMap((rule) => {
    if (rule.x509Subject === undefined) return [];
    return [{ matches: compileSubjectPattern(rule.x509Subject), rule }];
  });
  return async (credentials) => {
    const { subject, subjectExpiresAtMs: expiresAtMs = Infinity } = credentials;
    const bearer = bearerOf(credentials.authorization);
    const byToken = bearer === undefined ? undefined : await proveByToken(bearer);
    if (byToken !== undefined) return { kind: 'known', identity: byToken };
    const bySubject = subject && subjects.find(({ matches }) => matches(subject))?.rule;
    if (subject === undefined || bySubject === undefined) {
      return { kind: 'unknown', reason: whyUnknown(deps.place, bearer, subject) };
    }
    const description = formatSubject(subject);
    if (expiresAtMs <= deps.clock.nowMs()) {
      return { kind: 'unknown', reason: `the certificate of ${description} has expired` };
    }
    const identity = { rules: [bySubject], description, groups: undefined, expiresAtMs };
    return { kind: 'known', identity };
  };
}

/** Whether anything is shown that could be right or wrong. */
export function showsSomething({ authorization, subject }: ClientCredentials): boolean {
  return authorization !== undefined || subject !== undefined;
}

function tokenProofs<Rule extends ProofRule>(
  rules: readonly Rule[],
  { readFile, place }: ProofDeps,
): (token: string) => Promise<ProvenIdentity<Rule> | undefined> {
  const tokens = new BearerTokens(
    rules.flatMap((rule, at) => {
      const { token, tokenFile } = rule;
      if (token === undefined && tokenFile === undefined) return [];
      const description = `${place}[${at}]`;
      const value = { rules: [rule], description, groups: undefined, expiresAtMs: Infinity };
      return [{ token, tokenFile, value }];
    }),
    readFile,
  );
  return (token) => tokens.find(token);
}

function whyUnknown(
  place: string,
  bearer: string | undefined,
  subject: CertificateSubject | undefined,
): string {
  const said = [
    bearer === undefined ? 'no token' : `a token that no rule of ${place} has`,
    subject === undefined ? 'no valid certificate' : `subject ${formatSubject(subject)}`,
  ];
  return said.join(', ');
}
