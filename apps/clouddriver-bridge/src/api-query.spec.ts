import { describe, expect, it } from '@jest/globals';
import { pageOf, readObjectsQuery, readPageQuery } from './api-query.ts';

describe(pageOf, () => {
  it('leads through all names, each one once', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const seen: string[] = [];
    let next: string | undefined;
    do {
      const page = pageOf(names, readPageQuery({ limit: '2', ...(next && { continue: next }) }));
      seen.push(...page.names);
      next = page.continue;
    } while (next !== undefined);

    expect(seen).toEqual(names);
  });

  it('goes on after a name that is gone meanwhile', () => {
    const { continue: next } = pageOf(['a', 'b', 'c'], readPageQuery({ limit: '2' }));

    expect(pageOf(['a', 'c'], readPageQuery({ continue: next })).names).toEqual(['c']);
  });
});

describe(readObjectsQuery, () => {
  it('takes what is promised', () => {
    const query = { account: 'a', kind: 'pod', labelSelector: 'x=y', include: 'manifest' };

    expect(readObjectsQuery(query)).toEqual({ ...query, limit: 100 });
  });

  it.each([{ limit: '0' }, { limit: '1001' }, { limit: 'x' }, { include: 'all' }, { nmae: 'x' }])(
    'refuses %j',
    (query) => {
      expect(() => readObjectsQuery(query)).toThrow(expect.objectContaining({ status: 400 }));
    },
  );
});
