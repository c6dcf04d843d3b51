import { expandReferences } from './expand-references.ts';

describe(expandReferences, () => {
  it.each([
    ['$(A)-$(B)', 'one-two'],
    ['$(MISSING)', '$(MISSING)'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$one'],
    ['$A costs 5$', '$A costs 5$'],
    ['$(A', '$(A'],
  ])('makes of %s what kubelets do: %s', (text, expanded) => {
    expect(expandReferences(text, { A: 'one', B: 'two' })).toBe(expanded);
  });

  it('does not expand what a value brings', () => {
    expect(expandReferences('$(A)', { A: '$(B)', B: 'two' })).toBe('$(B)');
  });
});
