import { describe, expect, it } from '@jest/globals';
import { LinkPlaces } from './link-places.ts';

describe(LinkPlaces, () => {
  it('has a bound for each address and for each identity', () => {
    const places = new LinkPlaces({ linksPerAddress: 2, linksPerIdentity: 3 });

    const taken = [places.take('10.0.0.1', 'a'), places.take('10.0.0.1', 'a')];
    expect(taken.every((each) => each !== undefined)).toBe(true);
    expect(places.take('10.0.0.1', 'b')).toBeUndefined();
    expect(places.take('10.0.0.2', 'a')).toBeDefined();
    expect(places.take('10.0.0.3', 'a')).toBeUndefined();
    expect(places.take('10.0.0.3', 'b')).toBeDefined();
  });

  it('gives a place back once, however often it is said', () => {
    const places = new LinkPlaces({ linksPerAddress: 2, linksPerIdentity: 2 });
    const giveBack = places.take('10.0.0.1', 'a');
    places.take('10.0.0.1', 'a');

    giveBack?.();
    giveBack?.();

    expect(places.take('10.0.0.1', 'a')).toBeDefined();
    expect(places.take('10.0.0.1', 'a')).toBeUndefined();
  });
});
