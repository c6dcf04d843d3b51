/**
 * A service's configuration from texts and environment, without touching a disk: parse, merge,
 * override, check keys, validate. Every problem is found in one go. Files are read by
 * `node-config-files.ts`, watched by `node-config-watcher.ts`.
 */
import type { core, output, ZodType } from 'zod';
import {
  applyOverride,
  overridesFromEnvironment,
  type Environment,
  type EnvironmentOverride,
} from './config-environment.ts';
import { checkConfigKeys, type UnneededKeys } from './config-keys.ts';
import { problemAt, type ConfigProblem } from './config-problem.ts';
import {
  emptyConfigMap,
  mergeConfigNodes,
  plainConfigValue,
  positionInConfig,
  type ConfigNode,
  type ConfigPath,
} from './config-tree.ts';
import { parseConfigText } from './config-yaml.ts';

/** What an app states once about its configuration. */
export interface ConfigDefinition<Schema extends ZodType> {
  /** Validates the merged value and fills in defaults. */
  readonly schema: Schema;
  /** Keys that are accepted with a warning. @defaultValue none */
  readonly unneeded?: UnneededKeys;
  /**
   * Where to look when no file is named: the first path that exists (or has a `-local` overlay)
   * is read; `.yaml` and `.yml` are both tried. @defaultValue none
   */
  readonly defaultFiles?: readonly string[];
  /** First part of overriding environment variables. @defaultValue 'FAIRLEAD' */
  readonly environmentPrefix?: string;
}

/** One file's text. */
export interface ConfigText {
  /** Name shown in problems, normally the path. */
  readonly source: string;
  /** Its content. */
  readonly text: string;
}

/** A typed configuration, or every reason why there is none. */
export type ConfigResult<T> =
  /** It can be used. */
  | {
      readonly kind: 'valid';
      /** What the schema made of it, with its defaults. */
      readonly config: T;
      /** Warnings only, in the order in which a person reads. */
      readonly problems: readonly ConfigProblem[];
    }
  /** It cannot; at least one problem is an error. */
  | { readonly kind: 'invalid'; readonly problems: readonly ConfigProblem[] };

/** Reads texts in order (later wins), then the environment, then validates. */
export function readConfig<Schema extends ZodType>(
  definition: ConfigDefinition<Schema>,
  texts: readonly ConfigText[],
  env: Environment = {},
): ConfigResult<output<Schema>> {
  const problems: ConfigProblem[] = [];
  let root = emptyConfigMap(texts.at(-1)?.source ?? 'defaults');
  for (const { source, text } of texts) {
    const parsed = parseConfigText(text, source);
    problems.push(...parsed.problems);
    root = mergeConfigNodes(root, parsed.root);
  }
  const prefix = definition.environmentPrefix;
  const fromEnv = overridesFromEnvironment(env, definition.schema, prefix);
  problems.push(...fromEnv.problems);
  root = fromEnv.overrides.reduce<ConfigNode>(
    (node, override: EnvironmentOverride) => applyOverride(node, override),
    root,
  );
  const checked = checkConfigKeys(root, definition.schema, definition.unneeded);
  problems.push(...checked.problems);
  const sources = texts.map(({ source }) => source);
  return validate(definition.schema, checked.root, { problems, sources });
}

function validate<Schema extends ZodType>(
  schema: Schema,
  root: ConfigNode,
  { problems, sources }: { problems: ConfigProblem[]; sources: readonly string[] },
): ConfigResult<output<Schema>> {
  const parsed = schema.safeParse(plainConfigValue(root), { error: wording });
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(...problemsFromIssue(root, issue, []));
  }
  problems.sort(byPlace(sources));
  const hasErrors = problems.some((problem) => problem.severity === 'error');
  if (!parsed.success || hasErrors) return { kind: 'invalid', problems };
  return { kind: 'valid', config: parsed.data, problems };
}

/** In the order in which a person reads: file by file, from top to bottom; the environment last. */
function byPlace(sources: readonly string[]): (a: ConfigProblem, b: ConfigProblem) => number {
  const fileOf = ({ at }: ConfigProblem): number => {
    const index = sources.indexOf(at.source);
    return index < 0 ? sources.length : index;
  };
  return (a, b) => fileOf(a) - fileOf(b) || a.at.line - b.at.line || a.at.column - b.at.column;
}

function problemsFromIssue(
  root: ConfigNode,
  issue: core.$ZodIssue,
  above: ConfigPath,
): ConfigProblem[] {
  const path = [
    ...above,
    ...issue.path.map((step) => (typeof step === 'number' ? step : String(step))),
  ];
  if (issue.code === 'invalid_union') {
    const nearest = nearestBranch(issue.errors);
    if (nearest !== undefined) {
      return nearest.flatMap((inner) => problemsFromIssue(root, inner, path));
    }
  }
  return [problemAt(positionInConfig(root, path), path, issue.message)];
}

/** The branch of a union that got furthest; none when all failed at the value itself. */
function nearestBranch(
  branches: readonly (readonly core.$ZodIssue[])[],
): readonly core.$ZodIssue[] | undefined {
  const deeper = branches.filter((issues) => issues.every((issue) => issue.path.length > 0));
  return deeper.sort((a, b) => a.length - b.length)[0];
}

/** The library's words carry the value now and then; ours never do. */
function wording(issue: core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? `missing, ${typeInWords(issue.expected)} is required`
        : `must be ${typeInWords(issue.expected)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return 'has a form that is not understood here';
    case 'too_small':
      return `must be at least ${issue.minimum}${lengthUnit(issue.origin)}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${lengthUnit(issue.origin)}`;
    default:
      return undefined;
  }
}

function typeInWords(type: string): string {
  if (type === 'int') return 'a whole number';
  if (type === 'record') return 'an object';
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

function lengthUnit(origin: string): string {
  if (origin === 'string') return ' characters long';
  return origin === 'array' ? ' items long' : '';
}
