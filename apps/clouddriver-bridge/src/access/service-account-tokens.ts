/**
 * Tokens of Kubernetes service accounts, judged by the cluster that made them (TokenReview): it knows
 * that a pod or a service account is gone before the token has expired.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/
 */
import { type ClusterClient } from '@fairlead/cluster-client';
import { compileNameGlob } from '@fairlead/service-kit';
import { z } from 'zod';
import { type ServiceAccountRule } from './access-config.ts';
import { groupsIn, unprovenClaims } from './json-web-tokens.ts';
import { noFacts, type CheckToken, type TokenVerdict } from './token-check.ts';

/** What a check works with. */
export interface TokenReviewDeps {
  /** The cluster; asked for at the first token, and again as long as it cannot be had. */
  readonly openCluster: () => Promise<Pick<ClusterClient, 'request'>>;
  /** Time. */
  readonly clock: { nowMs(): number };
}

const reviewSchema = z.object({
  status: z.object({
    authenticated: z.boolean().default(false),
    user: z.object({ username: z.string().default('') }).prefault({}),
    audiences: z.array(z.string()).default([]),
  }),
});

const reviewPath = '/apis/authentication.k8s.io/v1/tokenreviews';
/** Longest wait for a review, ms. */
const reviewTimeoutMs = 10_000;
/** An answer repeats the token and names the user: a few kilobytes. */
const maxAnswerBytes = 256 * 1024;

/**
 * A check for one rule. Only a token that says itself that it could fulfil the rule is shown to the
 * cluster: other people's tokens are none of its business, and guesses cost it nothing.
 */
export function createTokenReview(rule: ServiceAccountRule, deps: TokenReviewDeps): CheckToken {
  const isSubject = compileNameGlob(rule.subject);
  let cluster: Promise<Pick<ClusterClient, 'request'>> | undefined;
  const openOnce = () => {
    cluster ??= deps.openCluster().catch((error: unknown) => {
      cluster = undefined;
      throw error;
    });
    return cluster;
  };
  return async (token) => {
    const { sub, aud, exp = 0 } = unprovenClaims(token) ?? {};
    const expiresAtMs = exp * 1000;
    const isFitting = sub !== undefined && isSubject(sub) && groupsIn(aud).includes(rule.audience);
    if (!isFitting) return noFacts('invalid', 'the token names another subject or audience');
    if (expiresAtMs <= deps.clock.nowMs()) return noFacts('invalid', 'the token has expired');
    try {
      const answer = await review(await openOnce(), token, rule.audience);
      if (typeof answer === 'string') return noFacts('unavailable', answer);
      return verdictOf(answer, { sub, expiresAtMs, audience: rule.audience });
    } catch (error: unknown) {
      const why = error instanceof Error ? error.message : String(error);
      return noFacts('unavailable', `the cluster does not review tokens: ${why}`);
    }
  };
}

/** The cluster's word on a token, or why there is none. */
async function review(
  cluster: Pick<ClusterClient, 'request'>,
  token: string,
  audience: string,
): Promise<z.output<typeof reviewSchema> | string> {
  const response = await cluster.request({
    method: 'POST',
    path: reviewPath,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token, audiences: [audience] },
    }),
    signal: AbortSignal.timeout(reviewTimeoutMs),
  });
  const text = await response.text(maxAnswerBytes);
  // The answer repeats the token: none of it may get into a message.
  if (response.status !== 200 && response.status !== 201) {
    return `the cluster answers a TokenReview with ${response.status}`;
  }
  const answer = reviewSchema.safeParse(parsed(text));
  return answer.success ? answer.data : 'the cluster answers a TokenReview with something else';
}

function verdictOf(
  { status }: z.output<typeof reviewSchema>,
  claimed: { readonly sub: string; readonly expiresAtMs: number; readonly audience: string },
): TokenVerdict {
  if (!status.authenticated) return noFacts('invalid', 'the cluster does not know the token');
  // A server that does not know audiences answers with none: then it has not looked at them.
  if (!status.audiences.includes(claimed.audience)) {
    return noFacts('invalid', 'the cluster does not confirm the audience');
  }
  if (status.user.username !== claimed.sub) {
    return noFacts('invalid', 'the cluster names another subject than the token');
  }
  const facts = { name: claimed.sub, groups: undefined, expiresAtMs: claimed.expiresAtMs };
  return { kind: 'valid', facts };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Said by the schema.
  }
}
