// What lies below charts/ and was made from the charts is what they make now; and Kustomize, the
// real one, makes of its trees what Helm makes of the charts.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findOwnKubectl, isUnavailable } from '@fairlead/testbed';
import {
  chartFileOf,
  chartsRoot,
  findCharts,
  generatedFolders,
  generateFiles,
  manifestKey,
  parseManifests,
  renderExample,
  runHelm,
  type FileTree,
  type Manifest,
} from '../src/index.ts';

const run = promisify(execFile);
const startMs = 900_000;
const timeoutMs = 60_000;
const whenHelm = isUnavailable('helm') ? describe.skip : describe;

whenHelm('what is made from the charts', () => {
  let made: FileTree;

  beforeAll(async () => {
    const trees = await Promise.all(findCharts().map(generateFiles));
    made = new Map(trees.flatMap((tree) => [...tree]));
  }, startMs);

  it('is what lies there (else: npm run render -w tools/charts)', () => {
    const stale = [...made].filter(([path, text]) => readText(path) !== text).map(([path]) => path);

    expect(stale).toEqual([]);
  });

  it.each(findCharts())('$name installs the version of this repository', async (chart) => {
    expect(readText(`${chart.name}/Chart.yaml`)).toBe(await chartFileOf(chart));
  });

  it.each(findCharts())(
    '$name renders without a cluster, whatever Helm was built with',
    async (chart) => {
      const values = chart.examples
        .flatMap(({ valuesFile }) => ['--values', valuesFile])
        .slice(0, 2);

      expect(await runHelm(['template', chart.path, ...values])).toMatchObject({ code: 0 });
    },
  );

  it('is all that lies there', () => {
    const found = generatedFolders.flatMap((folder) => filesBelow(folder));

    expect(found.filter((path) => !made.has(path))).toEqual([]);
  });
});

const whenKubectl = isUnavailable('kube') || isUnavailable('helm') ? describe.skip : describe;

whenKubectl('kubectl kustomize', () => {
  let kubectl: string;

  beforeAll(async () => {
    kubectl = await findOwnKubectl();
  }, startMs);

  const kustomize = async (folder: string): Promise<Manifest[]> => {
    const args = ['kustomize', join(chartsRoot, 'kustomize', folder)];
    return parseManifests((await run(kubectl, args, { maxBuffer: 16 * 1024 * 1024 })).stdout);
  };

  const cases = findCharts().flatMap((chart) =>
    chart.examples.map((example) => ({ chart, example, title: `${chart.name} ${example.name}` })),
  );

  it.each(cases)(
    'makes what Helm makes: $title',
    async ({ chart, example }) => {
      const folder = example.name === 'base' ? 'base' : `overlays/${example.name}`;
      const [byKustomize, byHelm] = await Promise.all([
        kustomize(join(chart.name, folder)),
        renderExample(chart, example),
      ]);

      expect(inOrder(byKustomize)).toEqual(inOrder(byHelm));
    },
    timeoutMs,
  );
});

function inOrder(manifests: readonly Manifest[]): readonly Manifest[] {
  return [...manifests].sort((a, b) => manifestKey(a).localeCompare(manifestKey(b)));
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(join(chartsRoot, path), 'utf8');
  } catch {
    // Not there: then it is not what it should be.
    return undefined;
  }
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(join(chartsRoot, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(chartsRoot.length + 1));
}
