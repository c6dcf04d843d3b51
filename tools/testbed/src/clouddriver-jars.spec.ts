import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findClouddriver, mayHaveClouddriver } from './clouddriver-jars.ts';

let folder: string;

/** A program of the given name that is a shell script. */
async function script(name: string, ...lines: readonly string[]): Promise<void> {
  const path = join(folder, 'bin', name);
  await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'));
  await chmod(path, 0o755);
}

const environment = (source?: string) => ({
  ...{ PATH: join(folder, 'bin'), JAVA_HOME: folder, FAIRLEAD_CACHE_DIR: join(folder, 'cache') },
  ...(source === undefined ? {} : { FAIRLEAD_TESTBED_CLOUDDRIVER: source }),
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-jars-'));
  await mkdir(join(folder, 'bin'));
  await script('java', 'echo openjdk 17.0.15 2025-04-15');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe(mayHaveClouddriver, () => {
  it('says no until somebody names one', () => {
    const answers = [undefined, '', '2026.2.3'].map((source) =>
      mayHaveClouddriver(environment(source)),
    );

    expect(answers).toEqual([false, false, true]);
  });
});

describe(findClouddriver, () => {
  it('takes the jars of an installation as they are', async () => {
    await mkdir(join(folder, 'installed', 'lib'), { recursive: true });

    const found = await findClouddriver({ environment: environment(join(folder, 'installed')) });

    expect(found).toEqual({
      java: join(folder, 'bin', 'java'),
      directory: join(folder, 'installed', 'lib'),
    });
  });

  it('says so when the installation has none', async () => {
    const finding = findClouddriver({ environment: environment(join(folder, 'installed')) });

    await expect(finding).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('fetches a version once, and works without Maven afterwards', async () => {
    await script(
      'mvn',
      'for arg; do case "$arg" in',
      '-DoutputDirectory=*)',
      touchJar,
      'esac; done',
    );
    const options = { environment: environment('2026.2.3') };

    const { directory } = await findClouddriver(options);
    await rm(join(folder, 'bin', 'mvn'));
    const again = await findClouddriver(options);

    expect(again.directory).toBe(directory);
    expect(await readdir(directory)).toEqual(['fetched.jar']);
  });

  it('tells what Maven could not fetch, and keeps nothing', async () => {
    await script('mvn', 'echo "[ERROR] Could not find artifact x:y:jar:1" >&2; exit 1');
    const options = { environment: environment('0.0.0') };

    const failed = findClouddriver(options);

    await expect(failed).rejects.toMatchObject({
      code: 'unavailable',
      detail: expect.stringContaining('Could not find artifact x:y:jar:1'),
    });
    await expect(findClouddriver(options)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('refuses a Java that is too old for Clouddriver', async () => {
    await script('java', 'echo openjdk 11.0.2 2019-01-15');

    const finding = findClouddriver({ environment: environment('2026.2.3') });

    await expect(finding).rejects.toMatchObject({ message: expect.stringContaining('Java 11') });
  });
});

/** Builtins only: nothing else is on the PATH. */
const touchJar = ': > "${arg#-DoutputDirectory=}/fetched.jar";;';
