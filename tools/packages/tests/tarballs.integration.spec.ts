import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findOldestNode, isUnavailable } from '@fairlead/testbed';
import { type ConsumerProject, createConsumerProject } from '../src/consumer-project.ts';
import { importedPackages, missingSources } from '../src/installed-package.ts';
import { publishedLibs } from '../src/published-libs.ts';
import { readReadme } from '../src/readme-plan.ts';

const run = promisify(execFile);
const root = join(__dirname, '../../..');
const libs = publishedLibs(root);
const env = { ...process.env, NODE_OPTIONS: undefined };

let project: ConsumerProject;
let judged: Readonly<Record<string, readonly string[]>>;
const at = (...path: readonly string[]): string => join(project.directory, ...path);
const installed = (name: string): string => at('node_modules', name);
const tsc = (config: string): Promise<string> =>
  run(at('node_modules/.bin/tsc'), ['-p', config], { cwd: project.directory, env }).then(
    ({ stdout }) => stdout,
    (error: unknown) => (error as { readonly stdout: string }).stdout,
  );

beforeAll(async () => {
  const configs = libs.map(({ directory }) => join(directory, 'tsconfig.lib.json'));
  await run('tsc', ['--build', ...configs], { cwd: root });
  const tools = { typescript: versionOf('typescript'), '@types/node': versionOf('@types/node') };
  project = await createConsumerProject({ root, libs, tools });
  const judge = join(root, 'tools/packages/src/judge-tarballs.ts');
  const { stdout } = await run(process.execPath, [judge, ...Object.values(project.tarballs)], {
    env,
  });
  judged = JSON.parse(stdout) as typeof judged;
}, 300_000);

afterAll(() => project.remove());

describe.each(libs)('the tarball of $name', ({ name, manifest }) => {
  it('has nothing that publint or attw would mend', () => {
    expect(judged[String(project.tarballs[name])]).toEqual([]);
  });

  it('imports only what it declares', () => {
    const declared = new Set([name, ...Object.keys(manifest.dependencies ?? {})]);

    expect(importedPackages(installed(name)).filter((used) => !declared.has(used))).toEqual([]);
  });

  it('holds every source that its maps name, the README, the licence, and no test', () => {
    const files = filesOf(String(project.tarballs[name]));

    expect(missingSources(installed(name))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'dist/index.d.ts']));
    expect(files.filter((file) => /\.spec\.|\.tsbuildinfo$|^tests\//.test(file))).toEqual([]);
  });
});

describe('the installed libs', () => {
  it('are typed for Node.js, declarations and all', async () => {
    expect(await tsc('tsconfig.nodenext.json')).toBe('');
  }, 240_000);

  it('are typed for bundlers', async () => {
    expect(await tsc('tsconfig.bundler.json')).toBe('');
  }, 240_000);
});

describe.each([
  { title: 'this Node.js', node: () => Promise.resolve(process.execPath), isMissing: false },
  {
    title: 'the oldest Node.js that is promised',
    node: () => findOldestNode(),
    isMissing: isUnavailable('oldestNode'),
  },
])('on $title', ({ node, isMissing }) => {
  const test = isMissing ? it.skip : it;
  let executable: string;
  beforeAll(async () => {
    if (!isMissing) executable = await node();
  }, 300_000);

  test('every door opens, and the scanner finds its WebAssembly', async () => {
    const doors = libs.flatMap(({ name }) => doorsOf(name));
    const lines = doors.map((door) => `await import('${door}');`);
    const kernel = `(await import('@fairlead/secret-scrubber')).availableKernel()`;
    writeFileSync(at('doors.mjs'), [...lines, `console.log(${kernel});`].join('\n'));

    const { stdout } = await run(executable, [at('doors.mjs')], { env });

    expect(stdout).toBe('wasm\n');
  }, 240_000);

  test.each(libs)(
    'the example of $name runs and prints what it says',
    async ({ shortName, readme }) => {
      const cwd = mkdtempSync(at('run-'));

      const { stdout } = await run(executable, [at('out', `${shortName}.js`)], { env, cwd });

      const { printed } = readReadme(readme);
      expect(stdout).toEqual(printed ?? expect.any(String));
    },
    60_000,
  );
});

function versionOf(name: string): string {
  const manifest = readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

function filesOf(tarball: string): readonly string[] {
  const listed = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' });
  return listed
    .trim()
    .split('\n')
    .map((file) => file.replace(/^package\//, ''));
}

/** Everything that may be imported from a lib. */
function doorsOf(name: string): readonly string[] {
  const manifest = JSON.parse(readFileSync(join(installed(name), 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, unknown>>;
  };
  const doors = Object.keys(manifest.exports).filter((door) => door !== './package.json');
  return doors.map((door) => `${name}${door.slice(1)}`);
}
