/**
 * `npm test`: every check of the project in one run, in the order in which a failure is cheapest,
 * ending with the plain line `N passed, N failed`. One failing step never hides the next.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { runJest } from './jest-run.ts';
import { withSharedServers } from './shared-servers.ts';

/** One check that is not a Jest test: it counts as one, passed or failed. */
interface Check {
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
}

const generate: Check = { title: 'generate', command: 'nx', args: ['run-many', '-t', 'generate'] };
const build: Check = {
  title: 'types and build',
  command: 'tsc',
  args: ['--build', 'tsconfig.json'],
};

const staticChecks: readonly Check[] = [
  { title: 'format', command: 'prettier', args: ['--check', '--log-level=warn', '.'] },
  {
    title: 'lint, boundaries and dependencies',
    command: 'nx',
    args: ['run-many', '-t', 'lint', '--parallel=2', '--output-style=stream'],
  },
  {
    title: 'API documentation: every public name, every link',
    command: 'nx',
    args: ['run', 'packages:docs', '--output-style=stream'],
  },
  { title: 'project references in step', command: 'nx', args: ['sync:check'] },
  { title: 'wire contract: lint', command: 'buf', args: ['lint'] },
  {
    title: 'wire contract: no breaking change',
    command: 'buf',
    args: ['breaking', '--against', 'proto/baseline.binpb'],
  },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'skip-static': { type: 'boolean', default: false } },
});

const failedChecks: string[] = [];
let passedChecks = 0;
for (const check of [generate, build, ...(values['skip-static'] ? [] : staticChecks)]) {
  if (passes(check)) passedChecks += 1;
  else failedChecks.push(check.title);
}

const { result, missing } = await withSharedServers((env) =>
  runJest({ patterns: positionals, env }),
);

console.log('');
for (const title of [...failedChecks, ...result.failedTitles]) console.log(`failed: ${title}`);
for (const server of missing) console.log(`missing: ${server.name}: ${server.howToGet}`);
const requireAll = process.env.FAIRLEAD_TEST_REQUIRE === 'all';
const missingFailures = requireAll ? missing.length : 0;
const passed = passedChecks + result.passed;
const failed = failedChecks.length + result.failed + missingFailures;
const skipped = result.skipped > 0 ? `, ${result.skipped} skipped` : '';
console.log(`${passed} passed, ${failed} failed${skipped}`);
process.exit(failed > 0 || result.passed === 0 ? 1 : 0);

function passes(check: Check): boolean {
  const startedAt = performance.now();
  console.log(`\n> ${check.title}`);
  const { status } = spawnSync(check.command, check.args, {
    stdio: 'inherit',
    env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' },
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok' : 'FAILED'}: ${check.title} (${seconds} s)`);
  return status === 0;
}
