import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { contextDigest, contextFiles, parseContextRules } from './build-context.ts';

const ignoreFile = '# comment\n**\n!/apps\n!/package*.json\n**/dist\n**/*.spec.ts\n';

describe(parseContextRules, () => {
  it('tells what is in from what is nowhere', () => {
    expect(parseContextRules(ignoreFile)).toEqual({
      included: ['apps', 'package*.json'],
      excluded: ['**/dist', '**/*.spec.ts'],
    });
  });

  it.each(['apps\n', '**\napps\n', '!/apps\n'])(
    'refuses %j, which engines read otherwise',
    (text) => {
      expect(() => parseContextRules(text)).toThrow('.dockerignore');
    },
  );
});

describe('a context in a folder', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'build-context-'));
    write('.dockerignore', ignoreFile);
    write('apps/agent/src/main.ts', 'a');
    write('apps/agent/src/main.spec.ts', 'a');
    write('apps/agent/dist/main.js', 'a');
    write('package-lock.json', '{}');
    write('README.md', 'a');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };

  it('has the files that are in, and in no ignored folder', () => {
    const files = contextFiles(root, parseContextRules(ignoreFile));

    expect(files.filter((path) => /\.\w+$/.test(path))).toEqual([
      'apps/agent/src/main.ts',
      'package-lock.json',
    ]);
  });

  it('has another digest when one of them is changed, renamed or made a program', async () => {
    const seen = new Set([await contextDigest(root, [])]);
    const changes = [
      () => write('apps/agent/src/main.ts', 'b'),
      () => write('apps/agent/src/more.ts', ''),
      () => chmodSync(join(root, 'apps/agent/src/main.ts'), 0o755),
    ];

    for (const change of changes) {
      change();
      seen.add(await contextDigest(root, []));
    }

    expect(seen.size).toBe(1 + changes.length);
  });

  it('has the same digest when anything else changes', async () => {
    const before = await contextDigest(root, []);

    write('README.md', 'b');
    write('apps/agent/dist/main.js', 'b');
    write('apps/agent/src/main.spec.ts', 'b');

    expect(await contextDigest(root, [])).toBe(before);
    expect(await contextDigest(root, ['README.md'])).not.toBe(before);
  });
});
