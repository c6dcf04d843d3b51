/** One thing wrong (or superfluous) in a configuration, with the place a person must look at. */
import { formatConfigPath, type ConfigPath, type ConfigPosition } from './config-tree.ts';

/** A problem of a configuration. Messages never carry the offending value: it may be a secret. */
export interface ConfigProblem {
  /** `error`: the configuration is refused. `warning`: it is taken, but something is without use. */
  readonly severity: 'error' | 'warning';
  /** Path such as `kubernetes.accounts[0].name`; `''` for the file as a whole. */
  readonly path: string;
  /** What is wrong, in lower case, without the path. */
  readonly message: string;
  /** Where it was written. */
  readonly at: ConfigPosition;
}

/** Thrown by {@link loadConfig}'s callers that cannot go on; carries every problem. */
export class ConfigError extends Error {
  /** Every problem, errors and warnings, in the order of the files. */
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const errors = problems.filter((problem) => problem.severity === 'error').length;
    super(`configuration has ${errors} ${errors === 1 ? 'error' : 'errors'}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** A problem at a known position. */
export function problemAt(
  at: ConfigPosition,
  path: ConfigPath,
  message: string,
  severity: 'error' | 'warning' = 'error',
): ConfigProblem {
  return { severity, path: formatConfigPath(path), message, at };
}

/** `agent.yaml:3:5: error: clouddriver.grcp: unknown key; did you mean "grpc"?` */
export function formatConfigProblem(problem: ConfigProblem): string {
  const { source, line, column } = problem.at;
  const place = line === 0 ? source : `${source}:${line}:${column}`;
  const what = problem.path === '' ? problem.message : `${problem.path}: ${problem.message}`;
  return `${place}: ${problem.severity}: ${what}`;
}
