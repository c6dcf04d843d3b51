/**
 * What an image is built from, as a digest: it changes whenever what is built would. Reads this
 * project's `.dockerignore`, which takes everything out first, then says which paths are in, and
 * which names are nowhere.
 */
import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, matchesGlob } from 'node:path';

/** The parts of an ignore file. */
export interface ContextRules {
  /** What is in: paths from the root, which may be patterns. */
  readonly included: readonly string[];
  /** What is taken out of that again: patterns for paths. */
  readonly excluded: readonly string[];
}

/**
 * Reads the ignore file.
 *
 * @throws Error on a line of another kind, which would be understood in another way than by engines
 */
export function parseContextRules(text: string): ContextRules {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const [everything, ...rules] = lines;
  const included = rules.filter((rule) => rule.startsWith('!/')).map((rule) => rule.slice(2));
  const excluded = rules.filter((rule) => rule.startsWith('**/'));
  if (everything === '**' && included.length + excluded.length === rules.length) {
    return { included, excluded };
  }
  throw new Error('.dockerignore: "**" first, then only lines "!/path" and "**/name"');
}

/** Paths of the files that are in, from the root, sorted. */
export function contextFiles(root: string, { included, excluded }: ContextRules) {
  const isOut = (path: string) => excluded.some((pattern) => matchesGlob(path, pattern));
  const below = included.flatMap((pattern) => [pattern, `${pattern}/**/*`]);
  const options = { cwd: root, exclude: isOut };
  return [...new Set(globSync(below, options))].filter((path) => !isOut(path)).sort();
}

/** A digest of the context in a folder, and of further files of it. */
export async function contextDigest(root: string, further: readonly string[]): Promise<string> {
  const rules = parseContextRules(await readFile(join(root, '.dockerignore'), 'utf8'));
  const hash = createHash('sha256');
  for (const path of ['.dockerignore', ...further, ...contextFiles(root, rules)]) {
    const stats = await stat(join(root, path));
    if (stats.isDirectory()) continue;
    hash.update(`${path}\0${(stats.mode & 0o111).toString(8)}\0`);
    hash.update(await readFile(join(root, path)));
  }
  return hash.digest('hex').slice(0, 16);
}
