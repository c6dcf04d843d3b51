/**
 * Environment variables that override keys: `FAIRLEAD_CLOUDDRIVER_GRPC` is `clouddriver.grpc`.
 * Each part between underscores is a key, letter case ignored, or an index of a list. Text is kept
 * where the schema takes text and read as YAML otherwise, so `false` overrides a boolean.
 */
import { parse } from 'yaml';
import { problemAt, type ConfigProblem } from './config-problem.ts';
import type { ConfigNode, ConfigPath, ConfigPosition } from './config-tree.ts';
import { nearestName } from './nearest-name.ts';
import { shapeOfSchema, type AnySchema } from './schema-shape.ts';

/** A snapshot of environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One override: the value for one path. */
export interface EnvironmentOverride {
  /** Path it sets. */
  readonly path: ConfigPath;
  /** The value. */
  readonly node: ConfigNode;
}

/**
 * The overrides among `env`. A variable whose first part is no top key is somebody else's
 * (Kubernetes itself injects `FAIRLEAD_BRIDGE_SERVICE_HOST` beside a Service of that name) and is
 * left alone; one that begins like a key but leads nowhere is a warning.
 */
export function overridesFromEnvironment(
  env: Environment,
  schema: AnySchema,
  prefix = 'FAIRLEAD',
): { readonly overrides: readonly EnvironmentOverride[]; readonly problems: ConfigProblem[] } {
  const overrides: EnvironmentOverride[] = [];
  const problems: ConfigProblem[] = [];
  for (const [name, text] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (text === undefined || !name.toUpperCase().startsWith(`${prefix}_`)) continue;
    const parts = name.slice(prefix.length + 1).split('_');
    const at = { source: `environment variable ${name}`, line: 0, column: 0 };
    const found = resolveParts(schema, parts, []);
    if (found.kind === 'found') {
      const node = nodeFromText(text, found.schema, at);
      if (node !== undefined) overrides.push({ path: found.path, node });
    } else if (found.path.length > 0) {
      const hint = found.nearest === undefined ? '' : `; did you mean "${found.nearest}"?`;
      problems.push(problemAt(at, found.path, `"${found.part}" is no key here${hint}`, 'warning'));
    }
  }
  return { overrides, problems };
}

/** `root` with one override applied; maps on the way are made as needed. */
export function applyOverride(root: ConfigNode, override: EnvironmentOverride): ConfigNode {
  const [step, ...rest] = override.path;
  if (step === undefined) return override.node;
  const inner = { path: rest, node: override.node };
  const at = override.node.at;
  if (typeof step === 'number') {
    const items = root.kind === 'list' ? [...root.items] : [];
    const index = Math.min(step, items.length);
    items[index] = applyOverride(items[index] ?? emptyAt(at), inner);
    return { kind: 'list', at: root.at, items };
  }
  const entries = new Map(root.kind === 'map' ? root.entries : []);
  const key = [...entries.keys()].find((name) => name.toLowerCase() === step.toLowerCase()) ?? step;
  const below = entries.get(key)?.node ?? emptyAt(at);
  entries.set(key, { keyAt: at, node: applyOverride(below, inner) });
  return { kind: 'map', at: root.at, entries };
}

type Resolved =
  | { readonly kind: 'found'; readonly path: ConfigPath; readonly schema: AnySchema }
  | {
      readonly kind: 'lost';
      readonly path: ConfigPath;
      readonly part: string;
      readonly nearest: string | undefined;
    };

function resolveParts(schema: AnySchema, parts: readonly string[], path: ConfigPath): Resolved {
  const [part, ...rest] = parts;
  if (part === undefined) return { kind: 'found', path, schema };
  const shape = shapeOfSchema(schema);
  if (shape.kind !== 'leaf' && shape.element !== undefined && /^\d+$/.test(part)) {
    return resolveParts(shape.element, rest, [...path, Number(part)]);
  }
  const names = shape.kind === 'map' ? shape.children : new Map<string, AnySchema>();
  const folded = part.toLowerCase();
  for (const [name, child] of names) {
    if (name.toLowerCase() === folded) return resolveParts(child, rest, [...path, name]);
  }
  if (shape.kind === 'map' && shape.rest !== undefined) {
    return resolveParts(shape.rest, [], [...path, parts.join('_')]);
  }
  return { kind: 'lost', path, part, nearest: nearestName(part, names.keys()) };
}

function nodeFromText(text: string, schema: AnySchema, at: ConfigPosition): ConfigNode | undefined {
  const shape = shapeOfSchema(schema);
  if (shape.kind === 'leaf' && shape.takesText) return { kind: 'scalar', at, value: text };
  const isBareList = shape.kind === 'list' && !text.trimStart().startsWith('[');
  if (isBareList) {
    const items = text.split(',').map((item) => item.trim());
    return nodeFromValue(
      items.filter((item) => item !== ''),
      at,
    );
  }
  try {
    return nodeFromValue(parse(text), at);
  } catch {
    // Not YAML: keep the text, the schema then says what it wanted, at this variable.
    return { kind: 'scalar', at, value: text };
  }
}

function nodeFromValue(value: unknown, at: ConfigPosition): ConfigNode | undefined {
  if (Array.isArray(value)) {
    const items = value.map((item) => nodeFromValue(item, at));
    return { kind: 'list', at, items: items.filter((item) => item !== undefined) };
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).flatMap(([key, item]) => {
      const node = nodeFromValue(item, at);
      return node === undefined ? [] : [[key, { keyAt: at, node }] as const];
    });
    return { kind: 'map', at, entries: new Map(entries) };
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return { kind: 'scalar', at, value };
  }
  return undefined;
}

function emptyAt(at: ConfigPosition): ConfigNode {
  return { kind: 'map', at, entries: new Map() };
}
