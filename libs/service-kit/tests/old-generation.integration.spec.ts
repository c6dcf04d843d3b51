import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const source = join(__dirname, '../src/node-old-generation.ts');

/** Collections of the old generation in a process of its own, in which 50 MB live and much is replaced. */
function collectionsAmongGarbage(before: string): number {
  const program = `
    import { boundOldGeneration } from ${JSON.stringify(source)};
    ${before}
    const living = Array.from({ length: 1_000_000 }, (_, i) => ({ i }));
    globalThis.gc();
    for (let i = 0; i < 30_000_000; i += 1) living[(i * 7) % living.length] = { i };`;
  const flags = ['--disable-warning=ExperimentalWarning', '--expose-gc', '--trace-gc'];
  const args = [...flags, '--max-semi-space-size=1', '--input-type=module', '-e', program];
  return (
    execFileSync(process.execPath, args, { encoding: 'utf8' }).split('Mark-Compact').length - 1
  );
}

describe('boundOldGeneration', () => {
  it('has garbage collected before it is as much as by default', () => {
    const usual = collectionsAmongGarbage('');

    expect(collectionsAmongGarbage('boundOldGeneration(10);')).toBeGreaterThan(usual * 1.5);
  });
});
