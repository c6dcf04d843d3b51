import { type Finding, isClean, printVerdict } from './verdict.ts';

describe(printVerdict, () => {
  it('prints four zeros when nothing was found', () => {
    const verdict = { objects: 12, types: 3, findings: [] };

    expect(isClean(verdict)).toBe(true);
    expect(printVerdict(verdict)).toBe(
      'missing 0\nextra 0\ndifferent 0\nsecret values 0\ncompared 12 objects of 3 types: the same\n',
    );
  });

  it('counts everything and names the first ten', () => {
    const missing = Array.from({ length: 12 }, (_, index): Finding => {
      return { kind: 'missing', object: `Pod n/p${index}`, detail: '' };
    });
    const different: Finding = { kind: 'different', object: 'Pod n/x', detail: '.spec' };

    const text = printVerdict({ objects: 20, types: 1, findings: [...missing, different] });

    expect(text).toContain('missing 12\n');
    expect(text).toContain('  missing: Pod n/p9\n  missing: and 2 more\n');
    expect(text).toContain('  different: Pod n/x at .spec\n');
    expect(text).toContain('NOT the same');
  });
});
