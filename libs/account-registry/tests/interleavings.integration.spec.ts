/**
 * A thousand random orders of what can happen to agents, two bridges and their database
 * (`simulation/sim-world.ts`). On the way: never two writers, epochs only rise, rows of two clusters
 * never stand together, none is removed before its grace period is over, nor since a bridge was
 * started anew. In the end: every offer is fed or has an answer, and what nobody offers is removed.
 */
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { SimWorld, type SimMove } from './simulation/sim-world.ts';

const bridge = fc.nat(1);
const fate = fc.constantFrom(
  'done' as const,
  'done' as const,
  'failed' as const,
  'doneButFailed' as const,
);
const kind = <K extends SimMove['kind']>(name: K) => fc.constant(name);

const aMove: fc.Arbitrary<SimMove> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: kind('connect'),
      bridge,
      agent: fc.nat(3),
      uid: fc.constantFrom(0, 0, 0, 1),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: kind('disconnect'), bridge, link: fc.nat(2) }) },
  { weight: 8, arbitrary: fc.record({ kind: kind('answer'), question: fc.nat(5), fate }) },
  { weight: 6, arbitrary: fc.record({ kind: kind('answerAll') }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: kind('pass'),
      ms: fc.constantFrom(300, 2000, 2000, 12_000, 31_000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('commit' as const), bridge }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('setClock'),
      bridge,
      byMs: fc.integer({ min: -9e6, max: 9e6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('move'), bridge, uid: fc.nat(2) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'pause' as const,
        'resume' as const,
        'restart' as const,
        'kill' as const,
      ),
      bridge,
    }),
  },
);

async function play(moves: readonly SimMove[]): Promise<string[]> {
  const world = new SimWorld();
  try {
    for (const move of moves) await world.play(move);
    await world.settle();
    return world.wrongs();
  } finally {
    world.close();
  }
}

describe('any order of events', () => {
  it('leaves one writer, no orphan and nobody without an answer', async () => {
    const property = fc.asyncProperty(
      fc.array(aMove, { minLength: 20, maxLength: 80 }),
      async (moves) => {
        expect(await play(moves)).toEqual([]);
      },
    );

    // A failure prints the seed and the shortest order of events that was found to fail.
    await fc.assert(property, { seed: 20261122, numRuns: 1000 });
  }, 120_000);
});
