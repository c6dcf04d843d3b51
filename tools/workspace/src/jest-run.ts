/** Runs Jest once over all projects and counts what it says. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';

/** What a whole Jest run came to; a test file that cannot even load counts as one failure. */
export interface JestResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Full names of what failed, for the end of the log. */
  readonly failedTitles: readonly string[];
}

/** The part of Jest's `--json` report that is read here. */
interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const reportFile = 'tmp/jest-report.json';

/** Options of one run: file patterns as Jest takes them (none means all) and extra environment. */
export interface JestRunOptions {
  readonly patterns: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs all projects' tests and returns the counts. Three workers for two cores: many suites wait, for
 * servers to start or for an interval to pass.
 */
export function runJest(options: JestRunOptions): JestResult {
  mkdirSync('tmp', { recursive: true });
  rmSync(reportFile, { force: true });
  const args = [
    '--config',
    'jest.workspace.mjs',
    '--maxWorkers=3',
    '--json',
    `--outputFile=${reportFile}`,
  ];
  spawnSync('jest', [...args, ...options.patterns], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...options.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
  });
  return countReport();
}

function countReport(): JestResult {
  const report = JSON.parse(readFileSync(reportFile, 'utf8')) as JestReport;
  const failedTitles = report.testResults.flatMap((file) => {
    const failed = file.assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0 && file.status === 'failed') return [`${file.name} (did not load)`];
    return failed.map((test) => test.fullName);
  });
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests,
    failedTitles,
  };
}
