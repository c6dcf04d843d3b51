import { AheadRows } from './ahead-rows.ts';

const row = (resourceVersion: string, writtenAtMs = 0) => ({ resourceVersion, writtenAtMs });

describe(AheadRows, () => {
  it('knows what is older than a row, until the feed has got there', () => {
    const rows = new AheadRows();
    rows.add('a', row('100'));

    const before = [
      rows.isPast('a', '99', 0),
      rows.isPast('a', '100', 0),
      rows.isPast('b', '1', 0),
    ];
    rows.reached('99');
    const still = rows.isPast('a', '99', 0);
    rows.reached('100');

    expect(before).toEqual([true, false, false]);
    expect(still).toBe(true);
    expect(rows.isEmpty).toBe(true);
  });

  it('is the same when it was stored', () => {
    const rows = new AheadRows();
    rows.add('a', row('9', 5));
    rows.add('b"c', row('10', 6));

    const again = AheadRows.from(rows.text);

    expect(again.text).toBe(rows.text);
    expect(again.isPast('b"c', '9', 6)).toBe(true);
  });

  it.each(['', 'not JSON', '{}', '[1,["a"],["a","1"],["a","1","2"]]'])(
    'takes %j for nothing',
    (text) => {
      expect(AheadRows.from(text).text).toBe('');
    },
  );

  it('has room for so many that their text can be stored', () => {
    const rows = new AheadRows();
    let count = 0;
    for (; rows.hasRoomFor(`${count}`.padStart(1_000, 'x'), 1e12); count += 1) {
      rows.add(`${count}`.padStart(1_000, 'x'), row('12345678901234567890', 1e12));
    }

    expect(count).toBe(60);
    expect(rows.hasRoomFor('0'.padStart(1_000, 'x'), 1e12)).toBe(true);
    expect(rows.hasRoomFor('x'.repeat(1_001), 1e12)).toBe(false);
    expect(Buffer.byteLength(rows.text)).toBeLessThan(65_535);
  });

  it('forgets rows that nobody has passed for ten minutes', () => {
    const rows = new AheadRows();
    rows.add('a', row('100', 0));

    const whileYoung = rows.isPast('a', '1', 600_000);
    const whenOld = rows.isPast('a', '1', 600_001);
    rows.hasRoomFor('b', 600_001);

    expect([whileYoung, whenOld]).toEqual([true, false]);
    expect(rows.isEmpty).toBe(true);
  });
});
