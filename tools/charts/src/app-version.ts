/**
 * A chart installs the program of this repository: its `appVersion`, which is the image's tag, is the
 * version in the program's package.json. A release changes that, and `render` follows.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot, type ChartFolder } from './chart-layout.ts';

/** Chart to the folder of the program that it installs. */
const programs: Readonly<Record<string, string>> = {
  'fairlead-agent': 'apps/agent',
  'fairlead-bridge': 'apps/clouddriver-bridge',
};

/** Chart.yaml as it should be. @throws Error for a chart that installs no program of ours */
export async function chartFileOf({ name, path }: ChartFolder): Promise<string> {
  const program = programs[name];
  if (program === undefined) throw new Error(`which program does the chart ${name} install?`);
  const [chart, manifest] = await Promise.all([
    readFile(join(path, 'Chart.yaml'), 'utf8'),
    readFile(join(repositoryRoot, program, 'package.json'), 'utf8'),
  ]);
  return withAppVersion(chart, (JSON.parse(manifest) as { readonly version: string }).version);
}

/** The text of a Chart.yaml with another `appVersion`; everything else stays, comments too. */
export function withAppVersion(chart: string, version: string): string {
  return chart.replace(/^appVersion:.*$/m, `appVersion: ${version}`);
}
