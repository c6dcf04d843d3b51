/** Configuration from disk: which files are read, in which order, and what happens when one is not there. */
import { readFile } from 'node:fs/promises';
import { parse } from 'node:path';
import type { output, ZodType } from 'zod';
import { readConfig, type ConfigDefinition, type ConfigResult, type ConfigText } from './config.ts';
import { problemAt, type ConfigProblem } from './config-problem.ts';
import type { Environment } from './config-environment.ts';

/** Where one run of a program takes its configuration from. */
export interface ConfigSources {
  /** Files named on the command line, later wins; empty: the definition's default files. */
  readonly files: readonly string[];
  /** Environment variables. @defaultValue none */
  readonly env?: Environment;
}

/** A {@link ConfigResult} and the files behind it. */
export interface LoadedConfig<T> {
  /** The typed configuration or its problems. */
  readonly result: ConfigResult<T>;
  /** Files that were read, in order. */
  readonly filesRead: readonly string[];
  /** Those of them with nothing but blanks in them: valid, but rarely meant. */
  readonly emptyFiles: readonly string[];
  /** Every file that would matter if it appeared or changed; what a watcher must watch. */
  readonly filesToWatch: readonly string[];
}

/** Reads and validates the configuration. A named file that cannot be read is a problem. */
export async function loadConfig<Schema extends ZodType>(
  definition: ConfigDefinition<Schema>,
  sources: ConfigSources,
): Promise<LoadedConfig<output<Schema>>> {
  const found =
    sources.files.length > 0
      ? await readNamedFiles(sources.files)
      : await readDefaultFiles(definition.defaultFiles ?? []);
  const read = readConfig(definition, found.texts, sources.env ?? {});
  const result: ConfigResult<output<Schema>> =
    found.problems.length === 0
      ? read
      : { kind: 'invalid', problems: [...found.problems, ...read.problems] };
  return {
    result,
    filesRead: found.texts.map(({ source }) => source),
    emptyFiles: found.texts.filter(({ text }) => text.trim() === '').map(({ source }) => source),
    filesToWatch: found.filesToWatch,
  };
}

/** `agent.yaml` and `agent.yml`, each with its `-local` overlay, as they stand beside each other. */
export function spellingsOfDefaultFile(path: string): { base: string[]; overlay: string[] } {
  const { dir, name } = parse(path);
  const extensions = ['.yaml', '.yml'];
  const beside = (file: string): string => (dir === '' ? file : `${dir}/${file}`);
  return {
    base: extensions.map((extension) => beside(`${name}${extension}`)),
    overlay: extensions.map((extension) => beside(`${name}-local${extension}`)),
  };
}

interface FoundTexts {
  readonly texts: readonly ConfigText[];
  readonly problems: readonly ConfigProblem[];
  readonly filesToWatch: readonly string[];
}

async function readNamedFiles(files: readonly string[]): Promise<FoundTexts> {
  const texts: ConfigText[] = [];
  const problems: ConfigProblem[] = [];
  for (const file of files) {
    const text = await readText(file);
    if (typeof text === 'string') texts.push({ source: file, text });
    else problems.push(problemAt({ source: file, line: 0, column: 0 }, [], text.reason));
  }
  return { texts, problems, filesToWatch: files };
}

async function readDefaultFiles(paths: readonly string[]): Promise<FoundTexts> {
  const filesToWatch: string[] = [];
  const problems: ConfigProblem[] = [];
  const texts: ConfigText[] = [];
  for (const path of paths) {
    const { base, overlay } = spellingsOfDefaultFile(path);
    filesToWatch.push(...base, ...overlay);
    for (const file of [...base, ...overlay]) {
      const text = await readText(file);
      if (typeof text === 'string') texts.push({ source: file, text });
      else if (text.code !== 'ENOENT' && text.code !== 'ENOTDIR') {
        problems.push(problemAt({ source: file, line: 0, column: 0 }, [], text.reason));
      }
    }
    if (texts.length > 0 || problems.length > 0) break;
  }
  return { texts, problems, filesToWatch };
}

async function readText(file: string): Promise<string | { code: string; reason: string }> {
  try {
    return await readFile(file, 'utf8');
  } catch (error: unknown) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    return { code, reason: `cannot be read (${code})` };
  }
}
