/**
 * Checks the keys of a configuration tree against a schema before values are looked at.
 * A key that differs from a known one only in letter case is that key (files written for readers
 * that ignore case stay valid); a key that the app names as unneeded is dropped with a warning;
 * any other unknown key is an error with the nearest known name.
 */
import { problemAt, type ConfigProblem } from './config-problem.ts';
import type { ConfigEntry, ConfigNode, ConfigPath } from './config-tree.ts';
import { nearestName } from './nearest-name.ts';
import { shapeOfSchema, type AnySchema, type SchemaShape } from './schema-shape.ts';

/**
 * Keys that are known elsewhere but do nothing here: path pattern to the reason shown.
 * A pattern is a dotted path with `*` for any one key or list index, e.g.
 * `kubernetes.accounts.*.noProxy`; it covers everything below it. Letter case is ignored.
 */
export type UnneededKeys = Readonly<Record<string, string>>;

/** The tree with known keys only, and what was said about the others. */
export interface CheckedKeys {
  /** Tree whose keys are spelled as the schema spells them. */
  readonly root: ConfigNode;
  /** Errors for unknown keys, warnings for unneeded ones. */
  readonly problems: readonly ConfigProblem[];
}

/** Checks and normalises every key of `root`. */
export function checkConfigKeys(
  root: ConfigNode,
  schema: AnySchema,
  unneeded: UnneededKeys = {},
): CheckedKeys {
  const problems: ConfigProblem[] = [];
  const patterns = Object.entries(unneeded).map(([pattern, reason]) => ({
    steps: pattern.toLowerCase().split('.'),
    reason,
  }));
  const walk = { problems, patterns };
  return { root: checkNode(walk, root, schema, []), problems };
}

interface Walk {
  readonly problems: ConfigProblem[];
  readonly patterns: readonly { readonly steps: readonly string[]; readonly reason: string }[];
}

function checkNode(walk: Walk, node: ConfigNode, schema: AnySchema, path: ConfigPath): ConfigNode {
  const shape = shapeOfSchema(schema);
  if (node.kind === 'list') {
    const element = shape.kind === 'leaf' ? undefined : shape.element;
    if (element === undefined) return node;
    const items = node.items.map((item, at) => checkNode(walk, item, element, [...path, at]));
    return { ...node, items };
  }
  if (node.kind !== 'map' || shape.kind !== 'map') return node;
  const entries = new Map<string, ConfigEntry>();
  for (const [key, entry] of node.entries) {
    const name = knownSpelling(shape, key);
    const child = name === undefined ? shape.rest : shape.children.get(name);
    if (child === undefined) {
      walk.problems.push(judgeUnknown(walk, shape, { key, entry, path }));
      continue;
    }
    const target = name ?? key;
    if (entries.has(target)) {
      walk.problems.push(
        problemAt(entry.keyAt, [...path, key], `the same key as "${target}", given twice`),
      );
    }
    entries.set(target, { ...entry, node: checkNode(walk, entry.node, child, [...path, target]) });
  }
  return { ...node, entries };
}

function knownSpelling(shape: SchemaShape & { kind: 'map' }, key: string): string | undefined {
  if (shape.children.has(key)) return key;
  const folded = key.toLowerCase();
  return [...shape.children.keys()].find((name) => name.toLowerCase() === folded);
}

interface UnknownKey {
  readonly key: string;
  readonly entry: ConfigEntry;
  readonly path: ConfigPath;
}

function judgeUnknown(
  walk: Walk,
  shape: SchemaShape & { kind: 'map' },
  unknown: UnknownKey,
): ConfigProblem {
  const path = [...unknown.path, unknown.key];
  const pattern = walk.patterns.find(({ steps }) => matches(steps, path));
  if (pattern !== undefined) {
    return problemAt(unknown.entry.keyAt, path, `not needed: ${pattern.reason}`, 'warning');
  }
  const nearest = nearestName(unknown.key, shape.children.keys());
  const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  return problemAt(unknown.entry.keyAt, path, `unknown key${hint}`);
}

function matches(steps: readonly string[], path: ConfigPath): boolean {
  return (
    steps.length === path.length &&
    steps.every((step, at) => step === '*' || step === String(path[at]).toLowerCase())
  );
}
