import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const source = join(__dirname, '../src/node-young-generation.ts');

/** MiB of young generation in a process of its own after much garbage, part of which survives. */
function youngMiBAfterGarbage(before: string): number {
  const program = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { boundYoungGeneration } from ${JSON.stringify(source)};
    ${before}
    const living = [];
    for (let i = 0; i < 2_000_000; i += 1) living[i % 100_000] = { i, text: 'x' + i };
    const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    console.log(space.space_size / 1024 / 1024);`;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

describe('boundYoungGeneration', () => {
  it('lets it grow again when it is asked for more, and no further', () => {
    const twice = 'boundYoungGeneration(); boundYoungGeneration(8 * 1024 * 1024);';

    expect(youngMiBAfterGarbage(twice)).toBe(youngMiBAfterGarbage('boundYoungGeneration();') * 2);
  });

  it('keeps it at a few MiB whatever garbage is made', () => {
    expect(youngMiBAfterGarbage('')).toBeGreaterThan(12);
    expect(youngMiBAfterGarbage('boundYoungGeneration();')).toBeLessThanOrEqual(8);
  });
});
