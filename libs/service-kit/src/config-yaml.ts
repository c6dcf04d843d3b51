/**
 * YAML text to a {@link ConfigNode} tree, with positions and every syntax error.
 * Anchors, aliases and merge keys (`<<`) are resolved here, so later steps see plain maps.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type ParsedNode,
  type YAMLMap,
} from 'yaml';
import { problemAt, type ConfigProblem } from './config-problem.ts';
import {
  emptyConfigMap,
  type ConfigEntry,
  type ConfigNode,
  type ConfigPosition,
} from './config-tree.ts';

/** What one file gave. */
export interface ParsedConfigText {
  /** The tree; an empty map when the file is empty or has syntax errors. */
  readonly root: ConfigNode;
  /** Syntax errors, duplicate keys, a top that is not a map. */
  readonly problems: readonly ConfigProblem[];
}

/** Deeper nesting is taken for a cyclic alias; no configuration here is deeper than ten levels. */
const maxDepth = 60;

interface Reader {
  readonly source: string;
  readonly document: Document<ParsedNode>;
  readonly lines: LineCounter;
  readonly problems: ConfigProblem[];
}

/** Reads one configuration file's text; `source` is the name shown in problems. */
export function parseConfigText(text: string, source: string): ParsedConfigText {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
  });
  const reader: Reader = { source, document, lines, problems: [] };
  for (const error of document.errors) {
    reader.problems.push(problemAt(positionOf(reader, error.pos[0]), [], error.message));
  }
  const empty = emptyConfigMap(source);
  if (reader.problems.length > 0) return { root: empty, problems: reader.problems };
  const root = readNode(reader, document.contents, 0);
  if (root === undefined) return { root: empty, problems: reader.problems };
  if (root.kind !== 'map') {
    reader.problems.push(problemAt(root.at, [], 'the top of the file must be a map of keys'));
    return { root: empty, problems: reader.problems };
  }
  return { root, problems: reader.problems };
}

function positionOf(reader: Reader, offset: number): ConfigPosition {
  const { line, col } = reader.lines.linePos(offset);
  return { source: reader.source, line, column: col };
}

function readNode(reader: Reader, node: Node | null, depth: number): ConfigNode | undefined {
  const resolved = isAlias(node) ? node.resolve(reader.document) : node;
  if (resolved === null || resolved === undefined) return undefined;
  const at = positionOf(reader, node?.range?.[0] ?? 0);
  if (depth > maxDepth) {
    reader.problems.push(problemAt(at, [], 'nested too deeply, or an alias that contains itself'));
    return undefined;
  }
  if (isMap(resolved)) return { kind: 'map', at, entries: readEntries(reader, resolved, depth) };
  if (isSeq(resolved)) {
    const items = resolved.items.map((item) => readNode(reader, item as Node, depth + 1));
    return { kind: 'list', at, items: items.filter((item) => item !== undefined) };
  }
  return isScalar(resolved) ? readScalar(resolved.value, at) : undefined;
}

function readScalar(value: unknown, at: ConfigPosition): ConfigNode | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return { kind: 'scalar', at, value };
  }
  if (typeof value === 'bigint' || value instanceof Date) {
    return { kind: 'scalar', at, value: String(value) };
  }
  return undefined;
}

function readEntries(reader: Reader, map: YAMLMap, depth: number): Map<string, ConfigEntry> {
  const entries = new Map<string, ConfigEntry>();
  const merged: ConfigNode[] = [];
  for (const pair of map.items) {
    const key = pair.key as Node;
    const name = isScalar(key) ? keyName(key.value) : '';
    const node = readNode(reader, pair.value as Node | null, depth + 1);
    if (node === undefined) continue;
    if (name === '<<') merged.push(...(node.kind === 'list' ? node.items : [node]));
    else entries.set(name, { keyAt: positionOf(reader, key.range?.[0] ?? 0), node });
  }
  for (const source of merged) {
    if (source.kind !== 'map') continue;
    for (const [name, entry] of source.entries) if (!entries.has(name)) entries.set(name, entry);
  }
  return entries;
}

function keyName(value: unknown): string {
  if (typeof value === 'symbol') return '<<';
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}
