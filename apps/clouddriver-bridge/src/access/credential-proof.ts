/**
 * What shown credentials prove: which rules of the configuration they fulfil. A token and a
 * certificate may stand side by side; the token is asked first.
 */
import { isSecretReference } from '@fairlead/secret-engines';
import { type AgentRule } from './access-config.ts';
import { BearerTokens, type ReadTokenFile } from './bearer-tokens.ts';
import { compileSubjectPattern, formatSubject } from './certificate-subject.ts';
import { bearerOf, type ClientCredentials } from './client-credentials.ts';
import { looksLikeJwt } from './json-web-tokens.ts';
import { type TokenChecks } from './node-token-checks.ts';
import { type TokenVerdict } from './token-check.ts';

/** What a rule asks for; one of the first keys is set. */
export interface ProofRule extends Omit<AgentRule, 'accounts'> {
  /** Groups, one of which a JSON Web Token must name. @defaultValue they do not matter */
  readonly groups?: readonly string[] | undefined;
}

/** What is known of somebody. */
export interface ProvenIdentity<Rule> {
  /** Every rule that is fulfilled, at least one. */
  readonly rules: readonly Rule[];
  /** For logs: which rule, or what the certificate or token says of itself. Never a token. */
  readonly description: string;
  /** What the token names itself; '' for others. */
  readonly name: string;
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
  | {
      readonly kind: 'known';
      readonly identity: ProvenIdentity<Rule>;
      /** Rules of which it could not be found out whether they are fulfilled, too. */
      readonly inDoubt: readonly Rule[];
    }
  | NoProof<Rule>;

/** Nothing is proven. */
export interface NoProof<Rule> {
  readonly kind: 'unknown' | 'unavailable';
  /** For the log; names no secret. */
  readonly reason: string;
  /** Rules of which it could not be found out whether they are fulfilled. */
  readonly inDoubt: readonly Rule[];
}

/** Finds out what credentials prove. */
export type ProveCredentials<Rule> = (credentials: ClientCredentials) => Promise<Proof<Rule>>;

/** What the proofs work with. */
export interface ProofDeps {
  /** For token files. */
  readonly readFile: ReadTokenFile;
  /** For tokens that say things themselves. */
  readonly tokenChecks: TokenChecks;
  /** Time. */
  readonly clock: { nowMs(): number };
  /** The list's place in the configuration, for descriptions: `auth.agents`. */
  readonly place: string;
}

/** Proofs by a list of rules: the first way that succeeds counts. */
export function createProofs<Rule extends ProofRule>(
  rules: readonly Rule[],
  deps: ProofDeps,
): ProveCredentials<Rule> {
  const ways = [fixedTokens(rules, deps), talkingTokens(rules, deps), certificates(rules, deps)];
  return async (credentials) => {
    const failed: NoProof<Rule>[] = [];
    for (const prove of ways) {
      const proof = await prove(credentials);
      if (proof?.kind === 'known') return proof;
      if (proof !== undefined) failed.push(proof);
    }
    const inDoubt = failed.flatMap((each) => each.inDoubt);
    const reasons = failed.map(({ reason }) => reason);
    return {
      kind: inDoubt.length > 0 ? 'unavailable' : 'unknown',
      reason: reasons.join('; ') || whyUnknown(deps.place, credentials),
      inDoubt,
    };
  };
}

/** Whether anything is shown that could be right or wrong. */
export function showsSomething({ authorization, subject }: ClientCredentials): boolean {
  return authorization !== undefined || subject !== undefined;
}

/** A way to prove something; `undefined` if it says nothing about these credentials. */
type Way<Rule> = (credentials: ClientCredentials) => Promise<Proof<Rule> | undefined>;

/** Tokens that the configuration or a file has. */
function fixedTokens<Rule extends ProofRule>(
  rules: readonly Rule[],
  { readFile, place }: ProofDeps,
): Way<Rule> {
  const tokens = new BearerTokens(
    rules.flatMap((rule, at) => {
      const { token, tokenFile } = tokenOf(rule);
      if (token === undefined && tokenFile === undefined) return [];
      const who = { description: `${place}[${at}]`, name: '', groups: undefined };
      return [{ token, tokenFile, value: { rules: [rule], ...who, expiresAtMs: Infinity } }];
    }),
    readFile,
  );
  return async ({ authorization }) => {
    const bearer = bearerOf(authorization);
    const identity = bearer === undefined ? undefined : await tokens.find(bearer);
    return identity && { kind: 'known', identity, inDoubt: [] };
  };
}

/** A token that is a reference is read as a file is. */
function tokenOf({ token, tokenFile }: ProofRule): Pick<ProofRule, 'token' | 'tokenFile'> {
  return token !== undefined && isSecretReference(token)
    ? { tokenFile: token }
    : { token, tokenFile };
}

/** Tokens that say things themselves. Every rule that such a token fulfils counts. */
function talkingTokens<Rule extends ProofRule>(
  rules: readonly Rule[],
  { tokenChecks, place }: ProofDeps,
): Way<Rule> {
  const checks = rules.flatMap((rule, at) => {
    const check = tokenChecks(rule);
    return check === undefined ? [] : [{ rule, at, check }];
  });
  return async ({ authorization }) => {
    const bearer = bearerOf(authorization);
    if (checks.length === 0 || bearer === undefined || !looksLikeJwt(bearer)) return undefined;
    const verdicts = await Promise.all(
      checks.map(async ({ rule, at, check }) => ({ rule, at, verdict: await check(bearer) })),
    );
    const inDoubt = verdicts.flatMap(({ rule, verdict }) =>
      verdict.kind === 'unavailable' ? [rule] : [],
    );
    const identity = talkedInto(place, verdicts);
    if (identity !== undefined) return { kind: 'known', identity, inDoubt };
    const reasons = verdicts.flatMap(({ at, verdict }) =>
      verdict.kind === 'valid' ? [] : [`${place}[${at}]: ${verdict.reason}`],
    );
    const kind = inDoubt.length > 0 ? 'unavailable' : 'unknown';
    return { kind, reason: reasons.join('; '), inDoubt };
  };
}

/** Who a token is of that fulfils some rules; it says the same of itself to all of them. */
function talkedInto<Rule>(
  place: string,
  verdicts: readonly {
    readonly rule: Rule;
    readonly at: number;
    readonly verdict: TokenVerdict;
  }[],
): ProvenIdentity<Rule> | undefined {
  const valid = verdicts.flatMap(({ rule, at, verdict }) =>
    verdict.kind === 'valid' ? [{ rule, at, facts: verdict.facts }] : [],
  );
  const [first] = valid;
  if (first === undefined) return undefined;
  const { name, groups, expiresAtMs } = first.facts;
  const description = `${place}[${first.at}]: ${name}`;
  return { rules: valid.map(({ rule }) => rule), description, name, groups, expiresAtMs };
}

/** Certificates, which Node.js has found valid when the connection was made. */
function certificates<Rule extends ProofRule>(
  rules: readonly Rule[],
  { clock }: ProofDeps,
): Way<Rule> {
  const patterns = rules.flatMap((rule) => {
    if (rule.x509Subject === undefined) return [];
    return [{ matches: compileSubjectPattern(rule.x509Subject), rule }];
  });
  return ({ subject, subjectExpiresAtMs: expiresAtMs = Infinity }) => {
    const rule = subject && patterns.find(({ matches }) => matches(subject))?.rule;
    if (rule === undefined) return Promise.resolve(undefined);
    const description = formatSubject(subject ?? {});
    if (expiresAtMs <= clock.nowMs()) {
      const reason = `the certificate of ${description} has expired`;
      return Promise.resolve({ kind: 'unknown', reason, inDoubt: [] });
    }
    const who = { description, name: '', groups: undefined };
    const identity = { rules: [rule], ...who, expiresAtMs };
    return Promise.resolve({ kind: 'known', identity, inDoubt: [] });
  };
}

function whyUnknown(place: string, { authorization, subject }: ClientCredentials): string {
  const said = [
    bearerOf(authorization) === undefined ? 'no token' : `a token that no rule of ${place} has`,
    subject === undefined ? 'no valid certificate' : `subject ${formatSubject(subject)}`,
  ];
  return said.join(', ');
}
