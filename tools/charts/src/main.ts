/** `npm run render -w tools/charts`: writes what is made from the charts, and removes what no longer is. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { chartFileOf } from './app-version.ts';
import { chartsRoot, findCharts, generatedFolders } from './chart-layout.ts';
import { generateFiles } from './generated-files.ts';

const usage = 'usage: npm run render -w tools/charts';

if (process.argv[2] === 'render' && process.argv.length === 3) await render();
else {
  console.error(usage);
  process.exitCode = 2;
}

/** Everything is made before anything is removed: a chart that fails changes nothing but versions. */
async function render(): Promise<void> {
  const charts = findCharts();
  for (const chart of charts) {
    await writeFile(join(chart.path, 'Chart.yaml'), await chartFileOf(chart));
  }
  const files = (await Promise.all(charts.map(generateFiles))).flatMap((tree) => [...tree]);
  for (const folder of generatedFolders) {
    await rm(join(chartsRoot, folder), { recursive: true, force: true });
  }
  for (const [path, text] of files) {
    const file = join(chartsRoot, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  console.log(`${String(files.length)} files written below charts/`);
}
