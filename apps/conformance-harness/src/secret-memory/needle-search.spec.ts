import fc from 'fast-check';
import { NeedleSearch, needlesFor } from './needle-search.ts';

const canary = 'CanaryOfTheSecretsQZX';

describe(NeedleSearch, () => {
  const search = (windows: readonly Buffer[]) => {
    const one = new NeedleSearch(needlesFor('value', canary));
    return windows.flatMap((window) => one.push(window));
  };

  it.each([
    ['plain', canary],
    ['base64', Buffer.from(`${canary}-17`).toString('base64')],
  ])('finds a value that is %s', (_form, text) => {
    expect(search([Buffer.from(`..${text}..`)])).toEqual([{ needle: 'value', at: 2 }]);
  });

  it('finds a two-byte string', () => {
    expect(search([Buffer.from(canary, 'utf16le')])).toHaveLength(1);
  });

  it('finds every value once, wherever the windows end', () => {
    const bytes = Buffer.from(`a${canary}b${canary}${canary}`);
    const expected = [1, 1 + canary.length + 1, 2 + 2 * canary.length];

    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 }),
        (cuts) => {
          const borders = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
          const windows = borders.slice(1).map((to, index) => bytes.subarray(borders[index], to));

          expect(search(windows).map(({ at }) => at)).toEqual(expected);
        },
      ),
    );
  });
});
