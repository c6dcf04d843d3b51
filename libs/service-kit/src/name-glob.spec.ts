import { compileNameGlob, compileNameGlobs } from './name-glob.ts';

describe(compileNameGlob, () => {
  it.each([
    ['*', 'anything', true],
    ['team-a-*', 'team-a-prod', true],
    ['team-a-*', 'xteam-a-prod', false],
    ['team-?', 'team-b', true],
    ['team-?', 'team-bb', false],
    ['a.b', 'axb', false],
    ['a+(b)|c', 'a+(b)|c', true],
    ['Prod', 'prod', false],
  ])('%p on %p: %p', (pattern, name, matches) => {
    expect(compileNameGlob(pattern)(name)).toBe(matches);
  });
});

describe(compileNameGlobs, () => {
  it('matches any of its patterns, and nothing without patterns', () => {
    expect(compileNameGlobs(['a', 'b*'])('bc')).toBe(true);
    expect(compileNameGlobs([])('a')).toBe(false);
  });
});
