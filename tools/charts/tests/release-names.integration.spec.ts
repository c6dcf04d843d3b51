// What the objects of a release are called, the same way in all charts: short where the release has
// the product's name, and never alike for two releases that are not.
import { isUnavailable } from '@fairlead/testbed';
import { findCharts, helmTemplate, parseManifests } from '../src/index.ts';

const startMs = 900_000;

(isUnavailable('helm') ? describe.skip : describe)('the workload of a release', () => {
  const charts = findCharts();

  it.each(charts)(
    'is called after chart and release: $name',
    async (chart) => {
      const [example] = chart.examples;
      const nameOf = async (release: string): Promise<string | undefined> => {
        const options = { release, valuesFiles: [example!.valuesFile] };
        const { stdout } = await helmTemplate(chart.path, options);
        return parseManifests(stdout).find(({ kind }) => kind === 'Deployment')?.metadata.name;
      };

      expect(await nameOf('fairlead')).toBe(chart.name);
      expect(await nameOf(`${chart.name}-eu`)).toBe(`${chart.name}-eu`);
      expect(await nameOf('fair')).toBe(`fair-${chart.name}`);
      expect(await nameOf('eu')).toBe(`eu-${chart.name}`);
    },
    startMs,
  );
});
