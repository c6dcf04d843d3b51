import { editDistance, nearestName } from './nearest-name.ts';

describe(editDistance, () => {
  it.each([
    ['', 'abc', 3],
    ['grpc', 'grpc', 0],
    ['grcp', 'grpc', 1],
    ['namspaces', 'namespaces', 1],
    ['kitten', 'sitting', 3],
  ])('from %p to %p is %p', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});

describe(nearestName, () => {
  it('finds the intended name whatever its case', () => {
    expect(nearestName('OMITKIND', ['kinds', 'omitKinds', 'namespaces'])).toBe('omitKinds');
  });

  it('gives nothing when no name is near', () => {
    expect(nearestName('zzz', ['kinds', 'omitKinds'])).toBeUndefined();
  });
});
