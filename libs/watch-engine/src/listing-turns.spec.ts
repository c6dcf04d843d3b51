import { ListingTurns, TURN_BYTES, type ListingTurn } from './listing-turns.ts';
import { settle } from './testing/index.ts';

/** Turns whose breaths are taken by hand. */
function breathing(): { readonly turns: ListingTurns; breathe(): Promise<void> } {
  const breaths: (() => void)[] = [];
  const turns = new ListingTurns(() => new Promise((resolve) => breaths.push(resolve)));
  return {
    turns,
    breathe: async () => {
      breaths.shift()?.();
      await settle();
    },
  };
}

describe(ListingTurns, () => {
  it('gives one turn per breath, first come, first served', async () => {
    const { turns, breathe } = breathing();
    const order: string[] = [];
    for (const name of ['a', 'b', 'c']) void turns.take().then(() => order.push(name));
    await settle();
    const seen = [[...order]];
    for (let i = 0; i < 3; i += 1) {
      await breathe();
      seen.push([...order]);
    }

    expect(seen).toEqual([[], ['a'], ['a', 'b'], ['a', 'b', 'c']]);
  });

  it('ends a turn when its bytes are used up', async () => {
    const { turns, breathe } = breathing();
    let turn: ListingTurn | undefined;
    void turns.take().then((given) => (turn = given));
    await breathe();

    turn?.spend(TURN_BYTES - 1);
    const before = turn?.isOver;
    turn?.spend(2);

    expect([before, turn?.isOver]).toEqual([false, true]);
  });

  it('ends a turn that is not used up when the next one is given', async () => {
    const { turns, breathe } = breathing();
    const given: ListingTurn[] = [];
    for (let i = 0; i < 2; i += 1) void turns.take().then((turn) => given.push(turn));
    await breathe();
    const before = given[0]?.isOver;
    await breathe();

    expect([before, given[0]?.isOver, given[1]?.isOver]).toEqual([false, true, false]);
  });
});
