/** Configuration on a real disk: default files, overlays, and every way a file changes. */
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import {
  formatConfigProblem,
  loadConfig,
  watchConfig,
  watchFiles,
  type ConfigProblem,
  type ConfigSources,
  type FileWatch,
} from '../src/index.ts';

const schema = z.object({ level: z.number().default(0), name: z.string().default('none') });

let directory: string;
const open: FileWatch[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'service-kit-'));
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((watch) => watch.close()));
  await rm(directory, { recursive: true });
});

/** Resolves with the next value given to `put`. */
function mailbox<T>(): { put: (value: T) => void; next: () => Promise<T> } {
  const values: T[] = [];
  const waiters: ((value: T) => void)[] = [];
  return {
    put: (value) => {
      const waiter = waiters.shift();
      if (waiter === undefined) values.push(value);
      else waiter(value);
    },
    next: () =>
      new Promise((resolve) => {
        const value = values.shift();
        if (value === undefined) waiters.push(resolve);
        else resolve(value);
      }),
  };
}

describe(loadConfig, () => {
  const definition = () => ({
    schema,
    defaultFiles: [join(directory, 'new.yaml'), join(directory, 'old.yaml')],
  });

  it('reads the first default file that exists, with its overlay', async () => {
    await writeFile(join(directory, 'old.yml'), 'level: 1\nname: old');
    await writeFile(join(directory, 'old-local.yaml'), 'level: 2');

    const loaded = await loadConfig(definition(), { files: [] });

    expect(loaded.result).toMatchObject({ kind: 'valid', config: { level: 2, name: 'old' } });
    expect(loaded.filesRead).toEqual([
      join(directory, 'old.yml'),
      join(directory, 'old-local.yaml'),
    ]);
  });

  it('leaves later default files alone when an earlier one exists', async () => {
    await writeFile(join(directory, 'new.yaml'), 'name: new');
    await writeFile(join(directory, 'old.yaml'), 'name: old\nlevel: 1');

    const { result } = await loadConfig(definition(), { files: [] });

    expect(result).toMatchObject({ config: { name: 'new', level: 0 } });
  });

  it('starts with defaults when no file exists', async () => {
    const { result, filesRead } = await loadConfig(definition(), { files: [] });

    expect(result).toMatchObject({ kind: 'valid', config: { name: 'none' } });
    expect(filesRead).toEqual([]);
  });

  it('reports a named file that cannot be read beside the problems of the others', async () => {
    const bad = join(directory, 'bad.yaml');
    await writeFile(bad, 'levle: 1');

    const { result } = await loadConfig(definition(), {
      files: [join(directory, 'gone.yaml'), bad],
    });

    expect(result.problems.map(formatConfigProblem)).toEqual([
      `${join(directory, 'gone.yaml')}: error: cannot be read (ENOENT)`,
      `${bad}:1:1: error: levle: unknown key; did you mean "level"?`,
    ]);
  });
});

describe(watchFiles, () => {
  async function watched(files: string[]) {
    const changes = mailbox<string>();
    const watch = await watchFiles({
      files,
      onChange: () => changes.put('changed'),
      debounceMs: 5,
      pollMs: 60_000,
    });
    open.push(watch);
    return { changes, watch };
  }

  it('notices a write in place', async () => {
    const file = join(directory, 'a.yaml');
    await writeFile(file, 'x: 1');
    const { changes } = await watched([file]);

    await writeFile(file, 'x: 2');

    expect(await changes.next()).toBe('changed');
  });

  it('notices a rename into place, twice', async () => {
    const file = join(directory, 'a.yaml');
    await writeFile(file, 'x: 1');
    const { changes } = await watched([file]);

    for (const text of ['x: 2', 'x: 3']) {
      await writeFile(join(directory, 'next'), text);
      await rename(join(directory, 'next'), file);
      expect(await changes.next()).toBe('changed');
    }
  });

  it('notices the swap of a ConfigMap volume, twice', async () => {
    const version = async (name: string, text: string): Promise<void> => {
      await mkdir(join(directory, name));
      await writeFile(join(directory, name, 'a.yaml'), text);
      await symlink(name, join(directory, '..data_tmp'));
      await rename(join(directory, '..data_tmp'), join(directory, '..data'));
    };
    await version('..v1', 'x: 1');
    await symlink(join('..data', 'a.yaml'), join(directory, 'a.yaml'));
    const { changes } = await watched([join(directory, 'a.yaml')]);

    await version('..v2', 'x: 2');
    expect(await changes.next()).toBe('changed');
    await version('..v3', 'x: 3');
    expect(await changes.next()).toBe('changed');
  });

  it('finds a file whose directory did not exist, at the next poll', async () => {
    const file = join(directory, 'later', 'a.yaml');
    const { changes, watch } = await watched([file]);

    await mkdir(join(directory, 'later'));
    await writeFile(file, 'x: 1');
    await watch.check();

    expect(await changes.next()).toBe('changed');
  });

  it('takes a file written again with the same content for unchanged', async () => {
    const file = join(directory, 'a.yaml');
    await writeFile(file, 'x: 1');
    let count = 0;
    const watch = await watchFiles({ files: [file], onChange: () => void (count += 1) });
    open.push(watch);

    await writeFile(file, 'x: 1');
    await watch.check();

    expect(count).toBe(0);
  });
});

describe(watchConfig, () => {
  /** Follows `sources` (as they are now) and tells what comes of each change. */
  async function followed(sources: ConfigSources, defaultFiles: readonly string[] = []) {
    const outcomes = mailbox<z.output<typeof schema> | readonly string[]>();
    const definition = { schema, defaultFiles };
    const options = {
      definition,
      sources,
      onConfig: outcomes.put,
      onInvalid: (problems: readonly ConfigProblem[]) =>
        outcomes.put(problems.map(formatConfigProblem)),
      debounceMs: 5,
    };
    open.push(await watchConfig(await loadConfig(definition, sources), options));
    return outcomes;
  }

  /** As a program that writes carefully. */
  async function replace(file: string, text: string): Promise<void> {
    await writeFile(`${file}.draft`, text);
    await rename(`${file}.draft`, file);
  }

  it('hands over a valid change and reports an invalid one without touching anything', async () => {
    const file = join(directory, 'a.yaml');
    await writeFile(file, 'level: 1');
    const outcomes = await followed({ files: [file] });

    await replace(file, 'level: high');
    expect(await outcomes.next()).toEqual([`${file}:1:1: error: level: must be a number`]);
    await replace(file, 'level: 2');
    expect(await outcomes.next()).toEqual({ level: 2, name: 'none' });
  });

  it.each(['', ' \n\n'])(
    'does not take a file for valid that has become empty: %j',
    async (text) => {
      const [file, other] = [join(directory, 'a.yaml'), join(directory, 'b.yaml')];
      await writeFile(file, 'level: 1');
      await writeFile(other, '');
      const outcomes = await followed({ files: [file, other] });

      await replace(file, text);
      expect(await outcomes.next()).toEqual([expect.stringMatching(/a\.yaml: error: is empty/)]);
      await replace(other, 'level: high');
      expect(await outcomes.next()).toEqual([
        expect.stringMatching(/a\.yaml: error: is empty/),
        `${other}:1:1: error: level: must be a number`,
      ]);
      await replace(other, 'level: 3');
      expect(await outcomes.next()).toHaveLength(1);
      await replace(file, '{}');
      expect(await outcomes.next()).toEqual({ level: 3, name: 'none' });
    },
  );

  it('does not start over with defaults when every default file is gone', async () => {
    const [file, overlay] = [join(directory, 'a.yaml'), join(directory, 'a-local.yaml')];
    await writeFile(file, 'level: 1');
    await writeFile(overlay, 'name: x');
    const outcomes = await followed({ files: [] }, [file]);

    await rm(overlay);
    expect(await outcomes.next()).toEqual({ level: 1, name: 'none' });
    await rm(file);
    expect(await outcomes.next()).toContainEqual(expect.stringMatching(/a\.yaml: error: is gone/));
  });
});
