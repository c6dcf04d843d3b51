import { z } from 'zod';
import { readConfig } from './config.ts';
import { formatConfigProblem } from './config-problem.ts';
import { crossCheck } from './cross-check.ts';

const door = crossCheck(
  z.object({ key: z.string().optional(), code: z.number().optional() }),
  ({ key, code }) =>
    key !== undefined && code !== undefined ? [{ path: [], message: 'give key or code' }] : [],
);

const names = crossCheck(z.array(z.object({ name: z.string() })), (list) =>
  list.flatMap((item, at) =>
    list.findIndex((other) => other?.name === item?.name) < at
      ? [{ path: [at, 'name'], message: 'is used twice' }]
      : [],
  ),
);

const schema = crossCheck(
  z.object({
    doors: z.array(door).default([]),
    names: names.default([]),
    house: z
      .object({ floors: z.number().default(1), lift: z.boolean().default(false) })
      .prefault({}),
  }),
  ({ house }) =>
    house?.lift === true && house.floors === 1
      ? [{ path: ['house', 'lift'], message: 'needs a second floor' }]
      : [],
);

function said(text: string): string[] {
  const { problems } = readConfig({ schema }, [{ source: 'f', text }]);
  return problems.map(formatConfigProblem);
}

describe(crossCheck, () => {
  it('finds what is wrong between keys', () => {
    expect(said('house: { lift: true }')).toEqual([
      'f:1:10: error: house.lift: needs a second floor',
    ]);
    expect(said('names: [{ name: a }, { name: a }]')).toEqual([
      'f:1:24: error: names[1].name: is used twice',
    ]);
  });

  it('finds it also beside and below what has the wrong type', () => {
    const text =
      'house: { lift: true }\ndoors:\n  - { key: 5, code: 7 }\nnames: [{ name: a }, 3, { name: a }]';

    expect(said(text)).toEqual([
      'f:1:10: error: house.lift: needs a second floor',
      'f:3:5: error: doors[0]: give key or code',
      'f:3:7: error: doors[0].key: must be a string',
      'f:4:22: error: names[1]: must be an object',
      'f:4:27: error: names[2].name: is used twice',
    ]);
  });

  it('does not ask where the value itself has the wrong type', () => {
    expect(said('names: { a: b }\nhouse: 5\ndoors: [x]')).toEqual([
      'f:1:1: error: names: must be an array',
      'f:2:1: error: house: must be an object',
      'f:3:9: error: doors[0]: must be an object',
    ]);
  });

  it('leaves a right value as it is', () => {
    expect(schema.parse({ names: [{ name: 'a' }] })).toEqual({
      doors: [],
      names: [{ name: 'a' }],
      house: { floors: 1, lift: false },
    });
  });
});
