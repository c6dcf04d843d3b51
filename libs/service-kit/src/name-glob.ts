/** Shell-like patterns for names (`team-a-*`): `*` is any run of characters, `?` any one. */

/** A predicate for one pattern; the whole name must match, letter case counts. */
export function compileNameGlob(pattern: string): (name: string) => boolean {
  const source = pattern.replace(/[\\^$.*+?()[\]{}|/]/g, (char) => {
    if (char === '*') return '.*';
    return char === '?' ? '.' : `\\${char}`;
  });
  const expression = new RegExp(`^${source}$`, 'su');
  return (name) => expression.test(name);
}

/** A predicate that holds when any of `patterns` matches; no pattern matches nothing. */
export function compileNameGlobs(patterns: readonly string[]): (name: string) => boolean {
  const predicates = patterns.map(compileNameGlob);
  return (name) => predicates.some((matches) => matches(name));
}
