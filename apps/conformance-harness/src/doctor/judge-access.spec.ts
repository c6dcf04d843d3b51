import { reviewsOfFeeds, reviewsOfOperations, type AccessReview } from './access-reviews.ts';
import { findingsOf } from './finding.ts';
import { judgeFeedAccess, judgeOperationAccess } from './judge-access.ts';

const types = [
  { group: '', resource: 'pods', namespaced: true },
  { group: '', resource: 'namespaces', namespaced: false },
];
const answer = (reviews: readonly AccessReview[], isAllowed: (review: AccessReview) => boolean) =>
  reviews.map((review) => ({ ...review, isAllowed: isAllowed(review) }));
const findings = findingsOf('account a');

describe(reviewsOfFeeds, () => {
  it('asks for each namespace of a restricted account, and for the cluster', () => {
    const asked = reviewsOfFeeds(types, ['x', 'y']);

    expect(
      asked.map(({ resource, namespace, verb }) => `${verb} ${resource} ${namespace}`),
    ).toEqual([
      'list pods x',
      'watch pods x',
      'list pods y',
      'watch pods y',
      'list namespaces ',
      'watch namespaces ',
    ]);
  });
});

describe(judgeFeedAccess, () => {
  it('names each kind that may not be read, with verb and namespace', () => {
    const answers = answer(reviewsOfFeeds(types, ['x', 'y']), ({ resource, namespace, verb }) =>
      resource === 'pods' ? namespace === 'x' || verb === 'list' : true,
    );

    expect(judgeFeedAccess(findings, answers).map(({ what }) => what)).toEqual([
      'may list and watch 1 kinds: namespaces',
      'may not (in y) watch pods: it will not be cached',
    ]);
  });
});

describe(judgeOperationAccess, () => {
  it('takes less than everything for something to look at', () => {
    const reviews = reviewsOfOperations('all', []);
    const all = judgeOperationAccess(
      findings,
      answer(reviews, () => true),
    );
    const reading = judgeOperationAccess(
      findings,
      answer(reviews, ({ verb }) => verb === 'get'),
    );

    expect(all.map(({ verdict }) => verdict)).toEqual(['ok']);
    expect(reading).toHaveLength(1);
    expect(reading[0]).toMatchObject({ verdict: 'warn' });
    expect(reading[0]?.what).toMatch(/^may not create, patch, delete deployments\.apps, /);
  });

  it('asks for reading only where the account lets no more through', () => {
    const verbs = reviewsOfOperations('read-only', []).map(({ verb }) => verb);

    expect(new Set(verbs)).toEqual(new Set(['get']));
  });
});
