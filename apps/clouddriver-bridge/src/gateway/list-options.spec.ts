import { CachedReadError } from './cached-read-error.ts';
import { readListOptions } from './list-options.ts';

describe(readListOptions, () => {
  it('reads what is said, and nothing else', () => {
    const query = 'watch=1&limit=500&resourceVersion=12&allowWatchBookmarks=true&pretty=true';

    expect(readListOptions(query)).toEqual({
      isWatch: true,
      labelSelector: '',
      fieldSelector: '',
      limit: 500,
      continueToken: '',
      resourceVersion: '12',
      resourceVersionMatch: '',
      sendInitialEvents: undefined,
      allowWatchBookmarks: true,
      timeoutSeconds: 0,
    });
  });

  it.each([
    'watch=maybe',
    'limit=-1',
    'limit=x',
    'resourceVersion=abc',
    'resourceVersion=01',
    'resourceVersion=1&resourceVersionMatch=Sometimes',
    'resourceVersionMatch=Exact',
    'resourceVersion=0&resourceVersionMatch=Exact',
    'continue=x&resourceVersion=5',
    'sendInitialEvents=true',
    'watch=true&sendInitialEvents=true',
    'watch=true&resourceVersion=1&resourceVersionMatch=NotOlderThan',
  ])('refuses %s', (query) => {
    expect(() => readListOptions(query)).toThrow(CachedReadError);
  });

  it.each([
    'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan',
    'continue=x&resourceVersion=0',
    'resourceVersion=7&resourceVersionMatch=Exact',
  ])('takes %s', (query) => {
    expect(() => readListOptions(query)).not.toThrow();
  });
});
