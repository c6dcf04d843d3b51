import { execFile, execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';

const run = promisify(execFile);
const root = join(__dirname, '../../..');

/** Nobody's own git configuration, no daemon, and colours that would stand in the text. */
const env = {
  ...process.env,
  ...{ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
  ...{ GIT_AUTHOR_NAME: 'test', GIT_AUTHOR_EMAIL: 'test@example.com' },
  ...{ GIT_COMMITTER_NAME: 'test', GIT_COMMITTER_EMAIL: 'test@example.com' },
  ...{
    NX_DAEMON: 'false',
    NX_TUI: 'false',
    NO_COLOR: '1',
    FORCE_COLOR: '0',
    NODE_OPTIONS: undefined,
  },
};

let clone: string;
const git = (...args: readonly string[]): string =>
  execFileSync('git', [...args], { cwd: clone, env, encoding: 'utf8' });
const at = (...path: readonly string[]): string => join(clone, ...path);

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'fairlead-release-'));
  git('clone', '--quiet', '--no-hardlinks', '--depth', '1', `file://${root}`, '.');
  symlinkSync(join(root, 'node_modules'), at('node_modules'));
  for (const room of ['libs', 'apps']) {
    for (const name of readdirSync(at(room)))
      git('tag', '-a', `${name}@0.1.0`, '-m', `${name}@0.1.0`);
  }
  // What it would run takes minutes; that it builds is what every other test stands on.
  const config = JSON.parse(readFileSync(at('nx.json'), 'utf8')) as {
    readonly release: { readonly version: { preVersionCommand?: string } };
  };
  expect(config.release.version.preVersionCommand).toBe('npx nx run-many -t build');
  delete config.release.version.preVersionCommand;
  writeFileSync(at('nx.json'), JSON.stringify(config));
  git('commit', '--quiet', '--all', '-m', 'test: nothing is built');
});

afterEach(() => rmSync(clone, { recursive: true, force: true }));

describe('a feature in one lib', () => {
  it('releases it as a patch below 1.0, what depends on it, and nothing else', async () => {
    appendFileSync(at('libs/protocol/src/limits.ts'), '// A change.\n');
    git('commit', '--quiet', '--all', '-m', 'feat(protocol): batches say their size beforehand');

    const said = await dryRun();

    const everybody = [
      'agent',
      'api-tunnel',
      'clouddriver-bridge',
      'conformance-harness',
      'protocol',
    ];
    expect(tagsIn(said)).toEqual(everybody.map((name) => `${name}@0.1.1`));
    expect(updateOf(said, 'libs/api-tunnel/package.json')).toContain(
      '-     "@fairlead/protocol": "^0.1.0"\n+     "@fairlead/protocol": "^0.1.1"',
    );
    expect(updateOf(said, 'libs/protocol/CHANGELOG.md')).toMatch(
      /^\+ ## 0\.1\.1 \(.*\)\n\+\n\+ ### .*Features\n\+\n\+ - \*\*protocol:\*\* batches say their size beforehand/m,
    );
    expect(updateOf(said, 'apps/agent/CHANGELOG.md')).toContain('+ - Updated protocol to 0.1.1');
    expect(said).not.toContain('Thank You');
  }, 120_000);
});

describe('a breaking change in a lib', () => {
  it('is a minor below 1.0, and a patch for what depends on it', async () => {
    appendFileSync(at('libs/clouddriver-model/src/keys.ts'), '// A change.\n');
    git('commit', '--quiet', '--all', '-m', 'feat(clouddriver-model)!: keys are branded');

    const tags = tagsIn(await dryRun());

    expect(tags).toContain('clouddriver-model@0.2.0');
    expect(tags).toContain('sql-cache@0.1.1');
    expect(tags).not.toContain('protocol@0.1.1');
  }, 120_000);
});

/**
 * What `nx release` says that it would do: names of files on one stream, their changes on the other.
 * Nothing is published, and apps never are.
 */
async function dryRun(): Promise<string> {
  const command = 'exec nx release --dry-run --skip-publish --verbose 2>&1';
  const options = { cwd: clone, env, maxBuffer: 32 * 1024 * 1024 };
  const { stdout } = await run('sh', ['-c', command], options);
  return stripVTControlCharacters(stdout);
}

function tagsIn(said: string): readonly string[] {
  return [...said.matchAll(/git tag --annotate (\S+)/g)].map(([, tag = '']) => tag).sort();
}

/** What would be written into a file: the lines between its name and the next one's. */
function updateOf(said: string, file: string): string {
  const [, rest = ''] = said.split(new RegExp(`(?:CREATE|UPDATE) ${file} \\[dry-run\\]\\n`));
  return rest.split(/\n(?:CREATE|UPDATE| NX) /)[0] ?? '';
}
