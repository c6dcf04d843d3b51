import { describe, expect, it } from '@jest/globals';
import { BridgeSightings, missedLooks } from './bridge-sightings.ts';

/** Looks, once for each set of beats by name. */
async function looking(...looks: Record<string, number>[]): Promise<BridgeSightings> {
  const sightings = new BridgeSightings();
  for (const look of looks) await lookAgain(sightings, look);
  return sightings;
}

async function lookAgain(sightings: BridgeSightings, beats: Record<string, number>): Promise<void> {
  const listed = Object.entries(beats).map(([bridgeId, beat]) => ({ bridgeId, beat }));
  await sightings.look(() => Promise.resolve(listed));
}

const still = (looks: number) => Array.from({ length: looks }, () => ({ other: 7 }));

describe(BridgeSightings, () => {
  it('takes a bridge for alive that has just been found, but not for sure', async () => {
    const sightings = await looking({ other: 7 });

    expect([sightings.isAlive('other'), sightings.hasBeaten('other')]).toEqual([true, false]);
  });

  it('is sure of one that counts up', async () => {
    expect((await looking({ other: 7 }, { other: 8 })).hasBeaten('other')).toBe(true);
  });

  it('takes a bridge for dead after five looks in a row at the same number', async () => {
    const almost = await looking(...still(missedLooks));
    expect(almost.isAlive('other')).toBe(true);

    await lookAgain(almost, { other: 7 });

    expect(almost.isAlive('other')).toBe(false);
  });

  it('counts anew when a bridge that was thought dead counts up', async () => {
    const sightings = await looking(...still(10), { other: 8 });

    expect(sightings.hasBeaten('other')).toBe(true);
  });

  it('gives a name that it never looked for the benefit of doubt until it has looked', async () => {
    const sightings = await looking({});

    expect(sightings.isAlive('new')).toBe(true);
    await lookAgain(sightings, {});

    expect(sightings.isAlive('new')).toBe(false);
  });

  it('does not judge a name that came up while it was looking', async () => {
    const sightings = await looking({});
    let answer: (beats: []) => void = () => undefined;
    const look = sightings.look(() => new Promise((resolve) => (answer = resolve)));

    expect(sightings.isAlive('new')).toBe(true);
    answer([]);
    await look;

    expect(sightings.isAlive('new')).toBe(true);
  });

  it('learns nothing from a look that fails', async () => {
    const sightings = await looking(...still(missedLooks));

    await expect(sightings.look(() => Promise.reject(new Error('away')))).rejects.toThrow('away');

    expect(sightings.isAlive('other')).toBe(true);
  });

  it('names those that stood still for long', async () => {
    const sightings = await looking(...still(9));

    expect([sightings.stillFor(8), sightings.stillFor(9)]).toEqual([['other'], []]);
  });
});
