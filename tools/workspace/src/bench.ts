/** `npm run bench`: builds, then runs the benchmarks of the conformance harness (all, or those named). */
import { spawnSync } from 'node:child_process';
import { buildWorkspace } from './build-workspace.ts';

buildWorkspace();
const { status } = spawnSync(
  process.execPath,
  ['apps/conformance-harness/dist/main.js', 'bench', ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
process.exit(status ?? 1);
