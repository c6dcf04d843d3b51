import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedDirectory } from './cached-directory.ts';

describe(cachedDirectory, () => {
  let cache: string;
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'cached-directory-'));
  });
  afterEach(() => rmSync(cache, { recursive: true }));

  it('fills the folder once for several callers', async () => {
    const path = join(cache, 'programs');
    let fills = 0;
    const fill = (directory: string) => {
      fills++;
      writeFileSync(join(directory, 'program'), '');
      return Promise.resolve();
    };

    await Promise.all([cachedDirectory({ path, fill }), cachedDirectory({ path, fill })]);

    expect(fills).toBe(1);
    expect(readdirSync(path)).toEqual(['program']);
  });

  it('shows nothing of a fill that failed', async () => {
    const path = join(cache, 'programs');
    const fill = (directory: string) => {
      writeFileSync(join(directory, 'half'), '');
      return Promise.reject(new Error('disk full'));
    };

    await expect(cachedDirectory({ path, fill })).rejects.toThrow('disk full');
    expect(readdirSync(cache)).toEqual(['programs.lock']);
  });

  it('removes what a killed process left half filled', async () => {
    const path = join(cache, 'programs');
    mkdirSync(`${path}.partial-abandoned`);

    await cachedDirectory({ path, fill: () => Promise.resolve() });

    expect(existsSync(`${path}.partial-abandoned`)).toBe(false);
  });
});
