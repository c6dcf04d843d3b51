/**
 * Where the charts are, and where what is made from them goes: the only file that knows the folders
 * below `charts/`.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A chart of this repository. */
export interface ChartFolder {
  /** Name of the chart and of its folder: `fairlead-agent`. */
  readonly name: string;
  /** Absolute path of the chart. */
  readonly path: string;
  /** What it is rendered with; `base` comes first. */
  readonly examples: readonly ChartExample[];
}

/** Values that a chart is rendered with: one file of its folder `ci`. */
export interface ChartExample {
  /** `read-only` for `ci/read-only-values.yaml`. */
  readonly name: string;
  /** Absolute path of the values. */
  readonly valuesFile: string;
}

/** The example that Kustomize's base is made from; the others become overlays. */
export const baseExample = 'base';

/** Root of the repository. */
export const repositoryRoot = fileURLToPath(new URL('../../..', import.meta.url));

/** Folder of the charts. */
export const chartsRoot = join(repositoryRoot, 'charts');

/** Folders below `charts/` that are wholly made by `render`. */
export const generatedFolders = ['rendered', 'kustomize'] as const;

const suffix = '-values.yaml';

/** The charts, by name. */
export function findCharts(root: string = chartsRoot): readonly ChartFolder[] {
  const isChart = (name: string) => existsSync(join(root, name, 'Chart.yaml'));
  return readdirSync(root)
    .filter(isChart)
    .sort()
    .map((name) => ({ name, path: join(root, name), examples: findExamples(join(root, name)) }));
}

function findExamples(chart: string): readonly ChartExample[] {
  const folder = join(chart, 'ci');
  const files = existsSync(folder)
    ? readdirSync(folder).filter((file) => file.endsWith(suffix))
    : [];
  return files
    .map((file) => ({ name: file.slice(0, -suffix.length), valuesFile: join(folder, file) }))
    .sort((a, b) => rank(a).localeCompare(rank(b)));
}

function rank({ name }: ChartExample): string {
  return name === baseExample ? '' : name;
}
