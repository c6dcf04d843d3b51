/**
 * The command line all services share: `--config FILE` (repeatable), `--check`, `--help`,
 * `--version`. Pure: gives text and an exit code, or what to run with.
 */
import { parseArgs } from 'node:util';
import { formatConfigProblem } from './config-problem.ts';
import type { ConfigResult } from './config.ts';

/** What a program says about itself. */
export interface ProgramDescription {
  /** Name of the command. */
  readonly name: string;
  /** Version printed by `--version`. */
  readonly version: string;
  /** One sentence for `--help`. */
  readonly description: string;
  /** Default files shown in `--help`. @defaultValue none */
  readonly defaultFiles?: readonly string[];
}

/** What the arguments ask for. */
export type CliRequest =
  /** Run with these files, in order; none were named: `[]`. */
  | { readonly kind: 'run'; readonly configFiles: readonly string[] }
  /** Read these files, print every problem, end. */
  | { readonly kind: 'check'; readonly configFiles: readonly string[] }
  /** Print and end. */
  | {
      readonly kind: 'exit';
      /** 0 for help and version, 2 for wrong usage. */
      readonly code: 0 | 2;
      /** What to print: to stdout for code 0, else to stderr. */
      readonly text: string;
    };

/** Reads the arguments after the program's name. */
export function parseServiceArguments(
  args: readonly string[],
  program: ProgramDescription,
): CliRequest {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        config: { type: 'string', multiple: true, short: 'c' },
        check: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
      strict: true,
    });
    if (values.help === true) return { kind: 'exit', code: 0, text: helpText(program) };
    if (values.version === true) return { kind: 'exit', code: 0, text: program.version };
    const configFiles = values.config ?? [];
    return { kind: values.check === true ? 'check' : 'run', configFiles };
  } catch (error: unknown) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'exit', code: 2, text: `${program.name}: ${message}\n\n${helpText(program)}` };
  }
}

/** Outcome of `--check`: every problem, and 0 or 2. */
export function checkConfig(
  result: ConfigResult<unknown>,
  files: readonly string[],
): Pick<Extract<CliRequest, { readonly kind: 'exit' }>, 'code' | 'text'> {
  const lines = result.problems.map(formatConfigProblem);
  const errors = result.problems.filter((problem) => problem.severity === 'error').length;
  const warnings = result.problems.length - errors;
  const from = files.length === 0 ? 'defaults, no file' : files.join(', ');
  const verdict = result.kind === 'valid' ? 'configuration is valid' : 'configuration is not valid';
  lines.push(`${verdict}: ${count(errors, 'error')}, ${count(warnings, 'warning')} (${from})`);
  return { code: result.kind === 'valid' ? 0 : 2, text: lines.join('\n') };
}

function helpText(program: ProgramDescription): string {
  const files = program.defaultFiles ?? [];
  return [
    `Usage: ${program.name} [options]`,
    '',
    program.description,
    '',
    'Options:',
    '  -c, --config FILE  read this configuration file; may be repeated, later wins',
    '      --check        validate the configuration, print every problem, exit 0 or 2',
    '  -h, --help         print this',
    '  -v, --version      print the version',
    ...(files.length === 0
      ? []
      : ['', 'Without --config the first of these that exists is read, and its -local overlay:']),
    ...files.map((file) => `  ${file}`),
    '',
    'FAIRLEAD_<PATH_WITH_UNDERSCORES> in the environment overrides a key.',
    'Exit codes: 0 stopped in order, 1 failed, 2 bad configuration or usage.',
  ].join('\n');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
