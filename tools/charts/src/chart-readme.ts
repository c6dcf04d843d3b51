/**
 * The README of a chart from its `README.md.tpl` and the comments of its `values.yaml`, which are
 * written as helm-docs has them: `# -- what it is`, `# @default -- in words`, `# @section -- Title`.
 * Pure.
 */
import { isMap, isScalar, parse, parseDocument, type Pair, type YAMLMap } from 'yaml';

/** The texts that a README is made from. */
export interface ReadmeSources {
  /** Chart.yaml. */
  readonly chart: string;
  /** values.yaml. */
  readonly values: string;
  /** README.md.tpl: Markdown with `{{ chart.FIELD }}` and `{{ values }}`. */
  readonly template: string;
}

/** One row of the table. */
export interface ValueRow {
  /** Path: `bridge.tls.existingSecret`. */
  readonly key: string;
  readonly type: string;
  /** As Markdown. */
  readonly initial: string;
  readonly about: string;
  readonly section: string;
}

const otherSection = 'Other';

/** The README. @throws Error for a value that nobody described */
export function chartReadme({ chart, values, template }: ReadmeSources): string {
  const facts = parse(chart) as Record<string, unknown>;
  const filled = template
    .replaceAll(/\{\{ chart\.(\w+) \}\}/g, (_, field: string) => String(facts[field]))
    .replaceAll('{{ values }}', printSections(valueRows(values)));
  const note =
    '<!-- Made from README.md.tpl and values.yaml by: npm run render -w tools/charts -->';
  return `${note}\n\n${filled}`;
}

/**
 * The rows of values.yaml, in its order: each key with a `# --` comment, and what is below it not at
 * all. A key without one must have described keys below it.
 *
 * @throws Error that names a key with neither
 */
export function valueRows(values: string): readonly ValueRow[] {
  const root = parseDocument(values).contents;
  if (!isMap(root)) throw new Error('values.yaml is no map');
  return rowsOf(root, { text: values, path: [], section: otherSection });
}

interface Place {
  /** Of the whole file. */
  readonly text: string;
  readonly path: readonly string[];
  readonly section: string;
}

function rowsOf(map: YAMLMap, place: Place): ValueRow[] {
  const rows: ValueRow[] = [];
  let { section } = place;
  for (const pair of map.items) {
    const key = String(isScalar(pair.key) ? pair.key.value : pair.key);
    const comment = commentOf(pair, place.text);
    section = comment.section ?? section;
    rows.push(...rowsOfPair(pair, comment, { ...place, path: [...place.path, key], section }));
    // A section goes on until the next one begins, at whatever depth.
    section = rows.at(-1)?.section ?? section;
  }
  return rows;
}

function rowsOfPair(pair: Pair, comment: Comment, place: Place): ValueRow[] {
  const { path, section } = place;
  const key = path.join('.');
  if (comment.about === undefined) {
    if (isMap(pair.value) && pair.value.items.length > 0) return rowsOf(pair.value, place);
    throw new Error(`values.yaml: ${key} has no "# --" comment`);
  }
  const value: unknown = isScalar(pair.value) ? pair.value.value : toJson(pair.value);
  const initial = comment.initial ?? `\`${JSON.stringify(value)}\``;
  return [{ key, type: typeOf(value), initial, about: comment.about, section }];
}

interface Comment {
  readonly about: string | undefined;
  readonly initial: string | undefined;
  readonly section: string | undefined;
}

/** The comment lines right above a key, from the text itself: parsers give some of them to other nodes. */
function commentOf(pair: Pair, text: string): Comment {
  const start = isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : 0;
  const above = text.slice(0, start).split('\n').slice(0, -1);
  const first = above.findLastIndex((line) => !line.trimStart().startsWith('#')) + 1;
  const lines = above.slice(first).map((line) => line.trim().slice(1).trim());
  const after = (mark: string) => lines.find((line) => line.startsWith(mark))?.slice(mark.length);
  return { about: aboutOf(lines), initial: after('@default -- '), section: after('@section -- ') };
}

/** From the last `--` on, lines joined. */
function aboutOf(lines: readonly string[]): string | undefined {
  const start = lines.findLastIndex((line) => line.startsWith('-- '));
  if (start < 0) return undefined;
  const words = lines.slice(start).filter((line) => !line.startsWith('@') && line !== '');
  return words.join(' ').slice('-- '.length);
}

function toJson(node: unknown): unknown {
  const asNode = node as { toJSON?: () => unknown } | null;
  return asNode?.toJSON?.() ?? null;
}

function typeOf(value: unknown): string {
  if (value === null) return 'any';
  if (Array.isArray(value)) return 'list';
  return typeof value === 'number' ? 'int' : typeof value;
}

function printSections(rows: readonly ValueRow[]): string {
  const sections = [...new Set(rows.map(({ section }) => section))];
  return sections
    .map((section) => {
      const own = rows.filter((row) => row.section === section);
      return `### ${section}\n\n${printTable(own)}`;
    })
    .join('\n\n');
}

/** Not padded: one long description would otherwise change every line. */
function printTable(rows: readonly ValueRow[]): string {
  const lines = rows.map(({ key, type, initial, about }) => [key, type, initial, about]);
  const table = [
    ['Key', 'Type', 'Default', 'Description'],
    ['---', '---', '---', '---'],
    ...lines.map((cells) => cells.map((cell) => cell.replaceAll('|', '\\|'))),
  ];
  return table.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
