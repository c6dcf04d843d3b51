/**
 * Everything that is made from the charts: plain YAML, Kustomize's trees and READMEs, as paths
 * below `charts/` and contents. `main.ts` writes them; a test compares.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { baseExample, type ChartExample, type ChartFolder } from './chart-layout.ts';
import { chartReadme } from './chart-readme.ts';
import { kustomizeTree, type FileTree } from './kustomize-tree.ts';
import { parseManifests, printManifests, withoutHelm, type Manifest } from './manifest.ts';
import { helmTemplate } from './node-helm.ts';

/** Where the plain objects live; whoever wants another namespace changes it or uses Helm. */
const namespace = 'fairlead';
const command = 'npm run render -w tools/charts';

/** The files of one chart. @throws Error when Helm refuses an example */
export async function generateFiles(chart: ChartFolder): Promise<FileTree> {
  const files = new Map<string, string>();
  const sets = new Map<string, readonly Manifest[]>();
  for (const example of chart.examples) {
    const objects = await renderExample(chart, example);
    sets.set(example.name, objects);
    const about = await aboutOf(example);
    const text = `${headerOf(chart, example, about)}${printManifests(objects)}`;
    files.set(`rendered/${chart.name}/${example.name}.yaml`, text);
  }
  const base = sets.get(baseExample);
  if (base === undefined) throw new Error(`${chart.name} has no ci/${baseExample}-values.yaml`);
  sets.delete(baseExample);
  for (const [path, text] of kustomizeTree({ base, overlays: sets })) {
    const isOurs = path.endsWith('/kustomization.yaml');
    const header = isOurs ? `# Made from charts/${chart.name} by: ${command}\n` : '';
    files.set(`kustomize/${chart.name}/${path}`, `${header}${text}`);
  }
  files.set(`${chart.name}/README.md`, await readmeOf(chart));
  return files;
}

/** The objects of an example, with their namespace, as they are without Helm. */
export async function renderExample(
  chart: ChartFolder,
  example: ChartExample,
): Promise<readonly Manifest[]> {
  const outcome = await helmTemplate(chart.path, { valuesFiles: [example.valuesFile], namespace });
  if (outcome.code !== 0) {
    throw new Error(`${chart.name}, example ${example.name}: ${outcome.stderr.trim()}`);
  }
  return withoutHelm([namespaceObject, ...parseManifests(outcome.stdout)]);
}

/** What Helm's `--create-namespace` would make, and the standard that the pods keep. */
const namespaceObject: Manifest = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: namespace,
    labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
  },
};

function headerOf(chart: ChartFolder, example: ChartExample, about: string): string {
  const values = `charts/${chart.name}/ci/${example.name}-values.yaml`;
  return `# Made from charts/${chart.name} with ${values} by: ${command}\n${about}`;
}

/** The comment that an example begins with. */
async function aboutOf({ valuesFile }: ChartExample): Promise<string> {
  const lines = (await readFile(valuesFile, 'utf8')).split('\n');
  const end = lines.findIndex((line) => !line.startsWith('#'));
  return lines
    .slice(0, end)
    .map((line) => `${line}\n`)
    .join('');
}

async function readmeOf({ path }: ChartFolder): Promise<string> {
  const [chartText, valuesText, template] = await Promise.all(
    ['Chart.yaml', 'values.yaml', 'README.md.tpl'].map((file) =>
      readFile(join(path, file), 'utf8'),
    ),
  );
  return chartReadme({
    chart: chartText ?? '',
    values: valuesText ?? '',
    template: template ?? '',
  });
}
