import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { SeenIds } from './seen-ids.ts';

describe(SeenIds, () => {
  it('behaves as a set of strings', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (added, asked) => {
        const seen = new SeenIds();
        const expected = new Set(added);
        for (const id of added) seen.add(id);

        expect(seen.size).toBe(expected.size);
        for (const id of [...added, ...asked]) expect(seen.has(id)).toBe(expected.has(id));
      }),
    );
  });

  it('keeps all of many while it grows', () => {
    const seen = new SeenIds();
    for (let id = 0; id < 20_000; id += 1) seen.add(`id-${id}`);

    expect(seen.size).toBe(20_000);
    for (let id = 0; id < 20_000; id += 97) expect(seen.has(`id-${id}`)).toBe(true);
    for (let id = 0; id < 1000; id += 1) expect(seen.has(`other-${id}`)).toBe(false);
  });
});
