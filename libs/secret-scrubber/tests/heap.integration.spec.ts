/** Looks into the heap of a process that scanned Secrets. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

describe('the heap after scanning Secrets', () => {
  it('holds none of their values', () => {
    const witness = join(__dirname, 'heap-witness.ts');

    const seen = execFileSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', witness],
      {
        encoding: 'utf8',
      },
    );

    expect(JSON.parse(seen)).toMatchObject({ control: true, marker: false });
  });
});
