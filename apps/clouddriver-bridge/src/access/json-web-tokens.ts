/** JSON Web Tokens: signature, issuer, audience and time by `jose`, the rest by the rule's patterns. */
import { compileNameGlob, compileNameGlobs } from '@fairlead/service-kit';
import type { JWTPayload } from 'jose';
import { JOSEError } from 'jose/errors';
import { decodeJwt } from 'jose/jwt/decode';
import { type JwtRule } from './access-config.ts';
import { KeysUnavailable, type SigningKeys } from './signing-keys.ts';
import { noFacts, type CheckToken, type TokenVerdict } from './token-check.ts';

/** What a check works with. */
export interface JwtCheckDeps {
  /** The issuer's keys. */
  readonly keys: SigningKeys;
  /** Time. */
  readonly clock: { nowMs(): number };
  /** Patterns, one of which must match one of the token's groups. @defaultValue groups do not matter */
  readonly groups?: readonly string[] | undefined;
}

/**
 * Signatures that only the holder of a private key can make. Others are left out on purpose: `none`,
 * and HMAC, for which a public key might be taken for the secret (RFC 8725, 2.1).
 */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** How far clocks may be apart for tokens that have just been made, seconds. */
const clockToleranceSeconds = 10;

/** Whether a token has the form of a JSON Web Token: three parts. */
export function looksLikeJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);
}

/** A check for one rule. */
export function createJwtCheck(rule: JwtRule, deps: JwtCheckDeps): CheckToken {
  const isFulfilled = compileClaims(rule, deps.groups);
  const { issuer, audience } = rule;
  return async (token) => {
    const { jwtVerify } = await import('jose/jwt/verify');
    try {
      const { payload } = await jwtVerify(token, (header) => deps.keys.find(header), {
        ...{ algorithms, issuer, audience },
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(deps.clock.nowMs()),
        requiredClaims: ['exp'],
      });
      // The tolerance is for beginnings: a link that was cut at the end must not come back.
      if (endOf(payload) <= deps.clock.nowMs()) return noFacts('invalid', 'the token has expired');
      const problem = isFulfilled(payload);
      return problem === undefined ? validToken(payload, rule) : noFacts('invalid', problem);
    } catch (error: unknown) {
      return verdictOf(error);
    }
  };
}

/** What a token says of itself, unproven; `undefined` if it cannot be read. */
export function unprovenClaims(token: string): JWTPayload | undefined {
  try {
    return decodeJwt(token);
  } catch {
    return undefined; // Whoever made it up may have made it unreadable.
  }
}

/** The groups in a claim: a list of texts, or one text. */
export function groupsIn(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return [claim];
  if (!Array.isArray(claim)) return [];
  return claim.filter((each): each is string => typeof each === 'string');
}

function validToken(payload: JWTPayload, rule: JwtRule): TokenVerdict {
  const name = payload[rule.nameClaim];
  const facts = {
    name: typeof name === 'string' ? name : (payload.sub ?? ''),
    groups: groupsIn(payload[rule.groupsClaim]),
    expiresAtMs: endOf(payload),
  };
  return { kind: 'valid', facts };
}

/** `exp` is required of each token. */
function endOf({ exp = 0 }: JWTPayload): number {
  return exp * 1000;
}

/** Tells what a token's claims lack, if they lack anything. */
function compileClaims(
  { subject, claims, groupsClaim }: JwtRule,
  groups: readonly string[] | undefined,
): (payload: JWTPayload) => string | undefined {
  const patterns = [
    ...Object.entries(claims),
    ...(subject === undefined ? [] : [['sub', subject]]),
  ];
  const wanted = patterns.map(([name = '', pattern = '']) => {
    return { name, matches: compileNameGlob(pattern) };
  });
  const isWantedGroup = groups === undefined ? undefined : compileNameGlobs(groups);
  return (payload) => {
    const missing = wanted.find(({ name, matches }) => !textsIn(payload[name]).some(matches));
    if (missing !== undefined) return `the claim ${missing.name} is not as the rule wants it`;
    if (isWantedGroup === undefined || groupsIn(payload[groupsClaim]).some(isWantedGroup)) {
      return undefined;
    }
    return `none of the groups in the claim ${groupsClaim} is one of the rule's`;
  };
}

function textsIn(claim: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return values.flatMap((value) => {
    const isPlain = ['string', 'number', 'boolean'].includes(typeof value);
    return isPlain ? [String(value)] : [];
  });
}

/** `jose` names claims and what is wrong with them, and quotes nothing. */
function verdictOf(error: unknown): TokenVerdict {
  if (error instanceof KeysUnavailable) return noFacts('unavailable', error.message);
  if (error instanceof JOSEError) return noFacts('invalid', error.message);
  // What WebCrypto says of a key that does not fit its algorithm.
  return noFacts('invalid', 'the token or its key cannot be read');
}
