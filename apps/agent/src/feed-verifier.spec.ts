import { hashObjectVersion, VersionDigest, type FeedDigest } from '@fairlead/protocol';
import type { FeedKey, MetadataListing } from '@fairlead/watch-engine';
import { FeedVerifier, type ListsMetadata } from './feed-verifier.ts';
import { settle } from './testing/manual-clock.ts';

const pods: FeedKey = {
  group: '',
  version: 'v1',
  resource: 'pods',
  kind: 'Pod',
  namespaced: true,
  namespace: '',
};
const services: FeedKey = { ...pods, resource: 'services', kind: 'Service' };

const aVersion = (name: string) => ({
  namespace: 'n',
  name,
  uid: `u-${name}`,
  resourceVersion: '1',
});

/** Lists that end when the test says so. */
function setUp() {
  const lists: {
    readonly feed: string;
    end(listing: MetadataListing, ...names: string[]): void;
  }[] = [];
  const listMetadata: ListsMetadata['listMetadata'] = (feed, take, signal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('over')));
      lists.push({
        feed: feed.resource,
        end: (listing, ...names) => {
          for (const name of names) take(aVersion(name));
          resolve(listing);
        },
      });
    });
  const answers: FeedDigest[] = [];
  const ending = new AbortController();
  const verifier = new FeedVerifier({
    watcher: { listMetadata },
    answer: (digest) => void answers.push(digest),
    signal: ending.signal,
  });
  return { verifier, lists, answers, ending };
}

describe(FeedVerifier, () => {
  it('answers with the digest of what was listed', async () => {
    const { verifier, lists, answers } = setUp();
    verifier.ask(pods, { feedId: 7, buckets: 4 });
    lists[0]?.end({ kind: 'listed', resourceVersion: '42' }, 'a', 'b');
    await settle();

    const expected = new VersionDigest(4);
    for (const name of ['a', 'b']) expected.add(hashObjectVersion(aVersion(name)));
    const sums = expected.encode();
    expect(answers).toEqual([{ feedId: 7, resourceVersion: '42', objects: 2, sums, failure: '' }]);
  });

  it('lists one feed after the other, the newest question of each', async () => {
    const { verifier, lists, answers } = setUp();
    verifier.ask(pods, { feedId: 1, buckets: 1 });
    verifier.ask(services, { feedId: 2, buckets: 1 });
    verifier.ask(services, { feedId: 2, buckets: 2 });
    await settle();
    const atOnce = lists.map(({ feed }) => feed);
    lists[0]?.end({ kind: 'listed', resourceVersion: '1' });
    await settle();
    lists[1]?.end({ kind: 'listed', resourceVersion: '2' });
    await settle();

    expect(atOnce).toEqual(['pods']);
    expect(lists.map(({ feed }) => feed)).toEqual(['pods', 'services']);
    expect(answers.map(({ feedId, sums }) => [feedId, sums.length])).toEqual([
      [1, 8],
      [2, 16],
    ]);
  });

  it('says why there is no digest', async () => {
    const { verifier, lists, answers } = setUp();
    verifier.ask(pods, { feedId: 1, buckets: 1 });
    lists[0]?.end({ kind: 'failed', reason: 'HTTP 403 Forbidden' }, 'a');
    verifier.ask(services, { feedId: 2, buckets: 3 });
    await settle();

    expect(answers.map(({ failure, sums }) => [failure, sums.length])).toEqual([
      ['HTTP 403 Forbidden', 0],
      ['3 buckets', 0],
    ]);
  });

  it('answers nothing more when the registration has ended', async () => {
    const { verifier, answers, ending } = setUp();
    verifier.ask(pods, { feedId: 1, buckets: 1 });
    verifier.ask(services, { feedId: 2, buckets: 1 });

    ending.abort();
    await settle();

    expect(answers).toEqual([]);
  });
});
