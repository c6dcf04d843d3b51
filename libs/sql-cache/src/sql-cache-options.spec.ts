import { resolveSqlCacheOptions, type SqlCacheOptions } from './sql-cache-options.ts';

const clock = { nowMs: () => 0, sleep: () => Promise.resolve() };
const resolve = (options: Partial<SqlCacheOptions>) =>
  resolveSqlCacheOptions({ url: 'postgres://h/d', schema: 'clouddriver', clock, ...options });

describe(resolveSqlCacheOptions, () => {
  it.each([
    ['postgres://u:p@h:5432/d', 'postgres', 'postgres://u:p@h:5432/d'],
    ['postgresql://h/d', 'postgres', 'postgresql://h/d'],
    ['mysql://h/d', 'mysql', 'mysql://h/d'],
    ['mariadb://h/d', 'mysql', 'mariadb://h/d'],
    ['embedded:./data', 'sqlite', './data'],
  ])('reads %s', (url, dialect, location) => {
    expect(resolve({ url })).toMatchObject({ dialect, location });
  });

  it('completes the rest', () => {
    expect(resolve({})).toMatchObject({
      schema: 'clouddriver',
      tableNamespace: '',
      poolMax: 10,
      silenceTimeoutMs: 60_000,
    });
  });

  it('reports every problem at once, and never the URL', () => {
    const refused = () =>
      resolve({ url: 'oracle://u:hidden@h', tableNamespace: 'a-b', pool: { max: 1 } });

    expect(refused).toThrow(/url must begin .*; tableNamespace may .*; pool\.max must/);
    expect(refused).not.toThrow(/hidden/);
  });

  it.each(['postgres:', 'embedded:', 'nothing'])('refuses %j', (url) => {
    expect(() => resolve({ url })).toThrow(/url/);
  });
});
