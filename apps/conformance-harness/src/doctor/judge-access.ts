// What answers about rights mean: a kind that cannot be read is not cached, one that cannot be
// written cannot be deployed.
import { type AnsweredReview, nameOfResource } from './access-reviews.ts';
import { type Finding, type Findings } from './finding.ts';

/** Judges what feeds may read: one finding for all that is well, one for each type that is not. */
export function judgeFeedAccess(
  { ok, fail }: Findings,
  answers: readonly AnsweredReview[],
): readonly Finding[] {
  const byType = groupBy(answers, nameOfResource);
  const allowed = [...byType].filter(([, reviews]) => reviews.every(({ isAllowed }) => isAllowed));
  const refused = [...byType].filter(([, reviews]) => reviews.some(({ isAllowed }) => !isAllowed));
  const names = allowed.map(([name]) => name).join(', ');
  return [
    ...(allowed.length === 0
      ? []
      : [ok('reading', `may list and watch ${allowed.length} kinds: ${names}`)]),
    ...refused.map(([name, reviews]) => {
      const toDo = `grant list and watch on ${name} to the account's user, or leave the kind out (kinds, omitKinds)`;
      return fail('reading', `may not ${lackOf(reviews)} ${name}: it will not be cached`, toDo);
    }),
  ];
}

/** Judges what requests of the gateway may do; less than everything may be meant. */
export function judgeOperationAccess(
  { ok, warn }: Findings,
  answers: readonly AnsweredReview[],
): readonly Finding[] {
  const byType = groupBy(answers, nameOfResource);
  const refused = [...byType].filter(([, reviews]) => reviews.some(({ isAllowed }) => !isAllowed));
  if (refused.length === 0) {
    const verbs = [...new Set(answers.map(({ verb }) => verb))].join(', ');
    return [ok('operations', `may ${verbs} what Spinnaker deploys (${byType.size} kinds)`)];
  }
  const lacks = groupBy(
    refused.map(([name, reviews]) => ({ name, lack: lackOf(reviews) })),
    ({ lack }) => lack,
  );
  return [...lacks].map(([lack, kinds]) => {
    const names = kinds.map(({ name }) => name).join(', ');
    const toDo = `if Spinnaker is to do that, grant it; if not, set operations.allow: read-only`;
    return warn('operations', `may not ${lack} ${names}: such stages end with 403`, toDo);
  });
}

/** `list, watch in team-a, team-b`. */
function lackOf(reviews: readonly AnsweredReview[]): string {
  const lacking = reviews.filter(({ isAllowed }) => !isAllowed);
  const verbs = [...new Set(lacking.map(({ verb }) => verb))].join(', ');
  const places = [...new Set(lacking.map(({ namespace }) => namespace))].filter((at) => at !== '');
  return places.length === 0 ? verbs : `(in ${places.join(', ')}) ${verbs}`;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}
