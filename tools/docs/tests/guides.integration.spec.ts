// README.md and docs/ as a reader uses them: links lead somewhere, commands run as written.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readPageTree } from '../src/node-page-tree.ts';
import { canRunPages } from '../src/node-stage.ts';
import { readBlockRun } from '../src/shell-block.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const isRequired = process.env.FAIRLEAD_TEST_REQUIRE === 'all';

/** What no test machine can run, and why: nothing else may be left out. */
const elsewhere = [
  'README.md: this runs as one of its tests',
  "docs/clouddriver.md: needs Clouddriver's jars",
  'docs/images.md: needs an engine for containers',
  'docs/installing.md: needs nodes that run pods',
  'docs/releasing.md: its test has a repository of its own',
  'docs/releasing.md: needs a registry',
];

function docs(...args: readonly string[]): { readonly code: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@fairlead/source', '--disable-warning=ExperimentalWarning', main, ...args],
    { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  return { code: status, text: `${stdout}${stderr}` };
}

describe('the guides', () => {
  it('have no link that leads nowhere', () => {
    expect(docs('links')).toEqual({ code: 0, text: '' });
  });

  it('leave few commands to other machines', () => {
    const { pages } = readPageTree(root);

    const left = [...pages].flatMap(([path, { shellBlocks }]) =>
      shellBlocks.flatMap(({ meta }) => {
        const run = readBlockRun(meta);
        return run.kind === 'elsewhere' ? [`${path}: ${run.reason}`] : [];
      }),
    );

    expect([...new Set(left)]).toEqual(elsewhere);
  });

  (canRunPages() || isRequired ? it : it.skip)(
    'say what can be done as it is written',
    () => {
      const { code, text } = docs('run');

      expect(code === 0 ? '' : text.slice(-8_000)).toBe('');
      expect(text).toContain('== README.md:');
    },
    600_000,
  );
});
