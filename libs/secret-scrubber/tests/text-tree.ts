/**
 * JSON as it is written, not as it is understood: members keep their order, their spelling and their
 * duplicates. Cutting a member here is leaving it out of a list, so this is the slow way to prune.
 */
import fc from 'fast-check';

/** A value; scalars stand as their text. */
export type Tree =
  | { readonly kind: 'scalar'; readonly text: string }
  | { readonly kind: 'array'; readonly elements: readonly Tree[] }
  | { readonly kind: 'object'; readonly members: readonly Member[] };

/** `spelling` is the key with its quotes, in one of the ways to write it. */
export interface Member {
  readonly spelling: string;
  readonly value: Tree;
}

/** Steps of a path; undefined stands for `[*]`. */
export type Steps = readonly (string | undefined)[];

const scalar = fc
  .constantFrom('1', '-0.50e+3', 'true', 'null', '"x"', '"é\\n"', '"}],{"', '123456789012345678901')
  .map((text): Tree => ({ kind: 'scalar', text }));

/** A value whose keys are among few names, so that paths meet it. */
export function arbitraryTree(names: readonly string[]): fc.Arbitrary<Tree> {
  return fc.letrec<{ any: Tree }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      scalar,
      fc.array(tie('any'), { maxLength: 4 }).map((elements): Tree => ({ kind: 'array', elements })),
      fc.array(arbitraryMember(names, tie('any')), { maxLength: 4 }).map(objectOf),
    ),
  })).any;
}

/** A member with one of the names. */
export function arbitraryMember(
  names: readonly string[],
  value: fc.Arbitrary<Tree>,
): fc.Arbitrary<Member> {
  const spelling = fc
    .tuple(fc.constantFrom(...names), fc.infiniteStream(fc.boolean()))
    .map(([name, escapes]) => spelled(name, escapes));
  return fc.record({ spelling, value });
}

/** An object of members. */
export function objectOf(members: readonly Member[]): Tree {
  return { kind: 'object', members };
}

function spelled(name: string, escapes: Iterator<boolean>): string {
  const units = name.split('').map((unit) => {
    const hex = unit.charCodeAt(0).toString(16).padStart(4, '0');
    return escapes.next().value === true ? `\\u${hex}` : JSON.stringify(unit).slice(1, -1);
  });
  return `"${units.join('')}"`;
}

/** Prints without white space. */
export function textOf(tree: Tree): string {
  if (tree.kind === 'scalar') return tree.text;
  if (tree.kind === 'array') return `[${tree.elements.map(textOf).join(',')}]`;
  return `{${tree.members.map(({ spelling, value }) => `${spelling}:${textOf(value)}`).join(',')}}`;
}

/** What is left, and how many members or elements were removed because a path of `counted` says so. */
export function without(
  tree: Tree,
  counted: readonly Steps[],
  uncounted: readonly Steps[],
): { readonly tree: Tree; readonly count: number } {
  if (tree.kind === 'scalar') return { tree, count: 0 };
  let count = 0;
  const keep = (value: Tree, name: string | undefined): Tree[] => {
    const inCounted = restOf(counted, name);
    const inUncounted = restOf(uncounted, name);
    if (inCounted.some((steps) => steps.length === 0)) {
      count++;
      return [];
    }
    if (inUncounted.some((steps) => steps.length === 0)) return [];
    const kept = without(value, inCounted, inUncounted);
    count += kept.count;
    return [kept.tree];
  };
  if (tree.kind === 'array') {
    const elements = tree.elements.flatMap((element) => keep(element, undefined));
    return { tree: { kind: 'array', elements }, count };
  }
  const members = tree.members.flatMap(({ spelling, value }) =>
    keep(value, JSON.parse(spelling) as string).map((kept) => ({ spelling, value: kept })),
  );
  return { tree: objectOf(members), count };
}

/** The paths that go through a member of that name; an element has none. */
function restOf(paths: readonly Steps[], name: string | undefined): readonly Steps[] {
  return paths
    .filter(([first]) => first === undefined || first === name)
    .map((steps) => steps.slice(1));
}
