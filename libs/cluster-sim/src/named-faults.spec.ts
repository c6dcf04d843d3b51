import { namedFaults, parseFault } from './named-faults.ts';

describe(parseFault, () => {
  it('makes a rule with a probability', () => {
    expect(parseFault('unavailable=0.25')).toMatchObject({
      effect: { kind: 'status', code: 503 },
      probability: 0.25,
    });
  });

  it('makes a rule for a resource', () => {
    expect(parseFault('forbidden=secrets')).toMatchObject({
      match: { resource: 'secrets' },
      effect: { kind: 'status', code: 403 },
    });
  });

  it.each([
    'nothing=1',
    'constructor=1',
    'unavailable',
    'unavailable=',
    'unavailable=2',
    'slow=-1',
    'slow=x',
  ])('says what is wrong with %s', (flag) => {
    expect(typeof parseFault(flag)).toBe('string');
  });

  it('knows a rule for every name', () => {
    for (const [name, { value }] of Object.entries(namedFaults)) {
      const flag = `${name}=${value === 'resource' ? 'pods' : '1'}`;

      expect(parseFault(flag)).toMatchObject({ effect: { kind: expect.any(String) } });
    }
  });
});
