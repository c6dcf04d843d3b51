// Asks an API server what an examination needs: its version, its clock, and rights.
import { type ClusterClient } from '@fairlead/cluster-client';
import { type AccessReview, type AnsweredReview } from './access-reviews.ts';

/** An answer to `/version`. */
export interface VersionAnswer {
  readonly status: number;
  /** `v1.33.1`; '' unless the status is 200. */
  readonly version: string;
  /** The `Date` header. */
  readonly date: string | undefined;
}

/** Longest wait for one answer, in milliseconds. */
const patienceMs = 10_000;
/** Questions that are asked at once. */
const parallel = 8;
const reviewPath = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

/** Who serves it. Rejects with `ClusterClientError` when nobody does. */
export async function askVersion(client: ClusterClient): Promise<VersionAnswer> {
  const signal = AbortSignal.timeout(patienceMs);
  const response = await client.request({ path: '/version', signal });
  const text = await response.text(1024 * 1024);
  const { status, headers } = response;
  return { status, version: status === 200 ? gitVersionIn(text) : '', date: headers.date };
}

/** Asks each question; `undefined` when the server does not answer such questions. */
export async function askAccess(
  client: ClusterClient,
  reviews: readonly AccessReview[],
): Promise<readonly AnsweredReview[] | undefined> {
  const answers: (AnsweredReview | undefined)[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < reviews.length; at = next++) {
      const review = reviews[at];
      if (review === undefined) continue;
      const isAllowed = await isReviewAllowed(client, review);
      answers[at] = isAllowed === undefined ? undefined : { ...review, isAllowed };
      // Whoever does not answer one question answers none.
      if (isAllowed === undefined) next = reviews.length;
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  const answered = answers.filter((answer) => answer !== undefined);
  return answered.length === reviews.length ? answered : undefined;
}

async function isReviewAllowed(
  client: ClusterClient,
  { group, resource, namespace, verb, subresource }: AccessReview,
): Promise<boolean | undefined> {
  const resourceAttributes = { group, resource, namespace, verb, subresource };
  const response = await client.request({
    method: 'POST',
    path: reviewPath,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    }),
    signal: AbortSignal.timeout(patienceMs),
  });
  const text = await response.text(1024 * 1024);
  if (response.status !== 201 && response.status !== 200) return undefined;
  const { status } = JSON.parse(text) as { status?: { allowed?: boolean } };
  return status?.allowed === true;
}

function gitVersionIn(text: string): string {
  try {
    const { gitVersion } = JSON.parse(text) as { gitVersion?: unknown };
    return typeof gitVersion === 'string' ? gitVersion : '';
  } catch {
    // Whoever answers is no API server; the version that is missing says so.
    return '';
  }
}
