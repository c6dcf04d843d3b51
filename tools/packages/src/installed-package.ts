/** What an installed lib's files say: which packages they import, and which sources their maps name. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';

/** Names of the packages that a lib's JavaScript and declarations import, sorted; not Node's own. */
export function importedPackages(directory: string): readonly string[] {
  const names = filesOf(directory, /\.(js|d\.ts)$/).flatMap((file) =>
    specifiersIn(readFileSync(file, 'utf8'))
      .filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier))
      .map(packageOf),
  );
  return [...new Set(names)].sort();
}

/** Files that a source map names and that were not shipped, each behind its map. */
export function missingSources(directory: string): readonly string[] {
  return filesOf(directory, /\.map$/).flatMap((file) => {
    const { sources = [] } = JSON.parse(readFileSync(file, 'utf8')) as {
      sources?: readonly string[];
    };
    return sources
      .filter((source) => !existsSync(join(dirname(file), source)))
      .map((source) => `${file}: ${source}`);
  });
}

/** What stands behind `from`, in `import('...')` and in `import '...'`. */
export function specifiersIn(code: string): readonly string[] {
  const pattern = /(?:^|[\s;}*])(?:from|import)\s*\(?\s*(['"])([^'"\n]+)\1/g;
  return [...withoutComments(code).matchAll(pattern)].map(([, , specifier = '']) => specifier);
}

function withoutComments(code: string): string {
  return code.replace(/\/\*[^]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

/** `@scope/name` or `name`, of whatever door. */
function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

function filesOf(directory: string, pattern: RegExp): readonly string[] {
  return readdirSync(join(directory, 'dist'), { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name))
    .map((name) => join(directory, 'dist', name));
}
