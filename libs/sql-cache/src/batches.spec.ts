import { batchesOf } from './batches.ts';

describe(batchesOf, () => {
  const cut = (sizes: readonly number[]) => [
    ...batchesOf(sizes, { rows: 3, bytes: 10 }, (size) => size),
  ];

  it.each([
    [[], []],
    [[1], [[1]]],
    [
      [1, 1, 1, 1],
      [[1, 1, 1], [1]],
    ],
    [
      [6, 6],
      [[6], [6]],
    ],
    [
      [1, 99, 1, 9],
      [[1], [99], [1, 9]],
    ],
  ])('cuts %j', (sizes, batches) => {
    expect(cut(sizes)).toEqual(batches);
  });
});
