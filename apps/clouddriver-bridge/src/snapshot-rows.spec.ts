import { wordsOf } from './seen-ids.ts';
import { SnapshotRows } from './snapshot-rows.ts';

describe(SnapshotRows, () => {
  it('knows what was named, and whether for the first time', () => {
    const rows = new SnapshotRows();

    expect([rows.add('a'), rows.add('a'), rows.add('b')]).toEqual([true, false, true]);
    rows.addWords(wordsOf('c'));

    expect(['a', 'b', 'c', 'd'].map((id) => rows.has(id))).toEqual([true, true, true, false]);
  });

  it('counts what was brought, until something of it may have gone', () => {
    const rows = new SnapshotRows();
    rows.bring();
    rows.bring();
    expect(rows.brought).toBe(2);

    rows.lose();

    expect(rows.brought).toBeUndefined();
  });
});
