import { type ListIdsQuery } from '@fairlead/sql-cache';
import { sweepRows } from './sweep-rows.ts';

/** A table of so many rows, and the pages of a sweep through it. */
async function pagesOf(rows: number, isKept: (id: string) => boolean) {
  const ids = Array.from({ length: rows }, (_, at) => String(at).padStart(6, '0'));
  const asked: number[] = [];
  const listIds = ({ afterId, limit }: ListIdsQuery) => {
    const page = ids.filter((id) => id > afterId).slice(0, limit);
    asked.push(page.length);
    return Promise.resolve(page);
  };
  const table = { type: 'pod', agent: 'a', namespace: '' };
  const pages: (readonly [number, boolean])[] = [];
  for await (const { deletes, isLast } of sweepRows({ cache: { listIds }, rows: table, isKept })) {
    pages.push([deletes.length, isLast]);
  }
  return { pages, asked };
}

describe(sweepRows, () => {
  it('ends with a page, though nothing has to go', async () => {
    expect(await pagesOf(0, () => true)).toEqual({ pages: [[0, true]], asked: [0] });
    expect(await pagesOf(5, () => true)).toEqual({ pages: [[0, true]], asked: [5] });
  });

  it('lets no transaction delete more than a thousand rows', async () => {
    const { pages } = await pagesOf(2500, () => false);
    expect(pages).toEqual([
      ...[
        [1000, false],
        [1000, false],
        [500, true],
      ],
    ]);
  });

  it('goes on after a full page, whether anything of it went or not', async () => {
    const { pages, asked } = await pagesOf(20_000, (id) => id !== '012345');
    expect(asked).toEqual([10_000, 10_000, 0]);
    expect(pages).toEqual([
      ...[
        [0, false],
        [1, false],
        [0, true],
      ],
    ]);
  });
});
