/**
 * `npm run release`: new versions, charts that follow them, changelogs, one commit and its tags, as
 * docs/releasing.md tells. Nothing leaves the machine: pushing and publishing are steps of their own.
 */
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chartFileOf, findCharts } from '@fairlead/charts';
import { releaseChangelog, releaseVersion } from 'nx/release';
import { withNextPatch } from './chart-version.ts';

const { values } = parseArgs({
  options: {
    'dry-run': { type: 'boolean', default: false },
    'first-release': { type: 'boolean', default: false },
  },
});
const dryRun = values['dry-run'];
const options = { dryRun, firstRelease: values['first-release'], verbose: true };

const { projectsVersionData } = await releaseVersion({
  ...options,
  gitCommit: false,
  gitTag: false,
  stageChanges: true,
});
if (!dryRun && (await moveCharts())) {
  run('npm', ['run', 'render', '-w', 'tools/charts']);
  run('git', ['add', 'charts']);
}
await releaseChangelog({ ...options, versionData: projectsVersionData });

/** Gives charts whose program has a new version that `appVersion`, and a version of their own. */
async function moveCharts(): Promise<boolean> {
  let isMoved = false;
  for (const chart of findCharts()) {
    const file = join(chart.path, 'Chart.yaml');
    const wanted = await chartFileOf(chart);
    if (wanted === (await readFile(file, 'utf8'))) continue;
    await writeFile(file, withNextPatch(wanted));
    isMoved = true;
  }
  return isMoved;
}

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`);
}
