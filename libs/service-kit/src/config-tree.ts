/**
 * A configuration value that remembers where each part of it was written.
 * Files, overlays and environment variables become trees; merging trees keeps every position,
 * so that a problem found after merging still names the file and line a person must open.
 */

/** Where something was written. */
export interface ConfigPosition {
  /** Path of the file as it was given, or `environment variable NAME`. */
  readonly source: string;
  /** 1-based line; 0 when the source has no lines. */
  readonly line: number;
  /** 1-based column; 0 when the source has no lines. */
  readonly column: number;
}

/** Path of a value: map keys and list indices from the top. */
export type ConfigPath = readonly (string | number)[];

/** A map entry: the key has a position of its own. */
export interface ConfigEntry {
  /** Where the key stands. */
  readonly keyAt: ConfigPosition;
  /** The value under the key. */
  readonly node: ConfigNode;
}

/** One value with its position; `null` in YAML means "not given" and has no node. */
export type ConfigNode =
  | {
      readonly kind: 'map';
      readonly at: ConfigPosition;
      readonly entries: ReadonlyMap<string, ConfigEntry>;
    }
  | { readonly kind: 'list'; readonly at: ConfigPosition; readonly items: readonly ConfigNode[] }
  | {
      readonly kind: 'scalar';
      readonly at: ConfigPosition;
      readonly value: string | number | boolean;
    };

/** Maps are merged key by key; anything else, lists included, is replaced by `over`. */
export function mergeConfigNodes(base: ConfigNode, over: ConfigNode): ConfigNode {
  if (base.kind !== 'map' || over.kind !== 'map') return over;
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const name = base.entries.has(key) ? key : (sameKeyIgnoringCase(base.entries, key) ?? key);
    const below = base.entries.get(name);
    const node = below === undefined ? entry.node : mergeConfigNodes(below.node, entry.node);
    entries.set(name, { keyAt: entry.keyAt, node });
  }
  return { kind: 'map', at: over.at, entries };
}

/** The bare value, as a schema wants it. */
export function plainConfigValue(node: ConfigNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(plainConfigValue);
    case 'map':
      return Object.fromEntries(
        [...node.entries].map(([key, entry]) => [key, plainConfigValue(entry.node)]),
      );
  }
}

/** Position of the value at `path`, or of its nearest ancestor that was written somewhere. */
export function positionInConfig(root: ConfigNode, path: ConfigPath): ConfigPosition {
  let node = root;
  let at = root.at;
  for (const step of path) {
    if (node.kind === 'map') {
      const entry = node.entries.get(String(step));
      if (entry === undefined) return at;
      at = entry.keyAt;
      node = entry.node;
    } else if (node.kind === 'list') {
      const item = node.items[Number(step)];
      if (item === undefined) return at;
      at = item.at;
      node = item;
    } else {
      return at;
    }
  }
  return at;
}

/** An empty map, the start of every merge. */
export function emptyConfigMap(source: string): ConfigNode {
  return { kind: 'map', at: { source, line: 0, column: 0 }, entries: new Map() };
}

/** `['kubernetes', 'accounts', 0, 'name']` as `kubernetes.accounts[0].name`. */
export function formatConfigPath(path: ConfigPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** The key of `entries` that differs from `key` only in letter case. */
export function sameKeyIgnoringCase(
  entries: ReadonlyMap<string, unknown>,
  key: string,
): string | undefined {
  const folded = key.toLowerCase();
  for (const name of entries.keys()) if (name.toLowerCase() === folded) return name;
  return undefined;
}
