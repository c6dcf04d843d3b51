import { hashObjectVersion, VersionSet } from '@fairlead/protocol';
import { KnownRows } from './known-rows.ts';
import { RowVersions, type RowState } from './row-versions.ts';
import { SeenIds } from './seen-ids.ts';

const versionOf = (name: string) =>
  hashObjectVersion({ namespace: '', name, uid: 'u', resourceVersion: '1' });
const soundRow = (name: string): RowState => ({ kind: 'sound', version: versionOf(name) });

describe(RowVersions, () => {
  it('holds what was read of many rows', () => {
    const rows = new RowVersions();
    for (let index = 0; index < 5000; index += 1) rows.read(`id-${index}`, soundRow(`n${index}`));

    expect(rows.get('id-4321')).toEqual(soundRow('n4321'));
    expect(rows.get('id-5000')).toEqual({ kind: 'absent' });
    expect(rows.count('sound')).toBe(5000);
    expect([...rows.versions()]).toHaveLength(5000);
  });

  it('keeps a change whatever is read afterwards', () => {
    const rows = new RowVersions();
    rows.change('a', soundRow('new'));
    rows.change('b', { kind: 'absent' });
    rows.read('a', soundRow('old'));
    rows.read('b', soundRow('old'));

    expect(rows.get('a')).toEqual(soundRow('new'));
    expect(rows.get('b')).toEqual({ kind: 'absent' });
  });

  it('counts rows that are not sound, until they are', () => {
    const rows = new RowVersions();
    rows.read('a', { kind: 'unsound' });
    rows.read('b', { kind: 'unsound' });
    const before = rows.count('unsound');

    rows.change('a', soundRow('a'));

    expect([before, rows.count('unsound')]).toEqual([2, 1]);
  });
});

describe(KnownRows, () => {
  it("turns the agent's answer into rows", () => {
    const rows = new RowVersions();
    const names = Array.from({ length: 100 }, (_, index) => `n${index}`);
    for (const name of names) rows.read(`id of ${name}`, soundRow(name));
    rows.read('id of a wreck', { kind: 'unsound' });
    const known = new KnownRows(rows);
    const set = new VersionSet(known.versions);
    const there = names.filter((_, index) => index % 3 === 0);
    for (const name of there) set.meet(versionOf(name));

    const seen = new SeenIds();
    for (const words of known.ids(set.met())) seen.addWords(words);

    expect(known.size).toBe(100);
    expect(seen.size).toBe(there.length);
    expect(names.filter((name) => seen.has(`id of ${name}`))).toEqual(there);
  });

  it('tells of no more rows than it may', () => {
    const rows = new RowVersions();
    for (const name of ['a', 'b', 'c']) rows.read(name, soundRow(name));

    expect(new KnownRows(rows, 2).size).toBe(2);
  });
});
