/**
 * A project outside the workspace that uses the libs as anybody would: from tarballs, with nothing but
 * TypeScript beside them. Made once for all checks.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PublishedLib } from './published-libs.ts';
import { readReadme } from './readme-plan.ts';
import { specifiersIn } from './installed-package.ts';
import { removeStaleOutput } from './stale-output.ts';

const run = promisify(execFile);

/** The project, and the tarballs that it was made from. */
export interface ConsumerProject {
  /** Its folder. */
  readonly directory: string;
  /** Tarball of each lib, by name. */
  readonly tarballs: Readonly<Record<string, string>>;
  /** Removes it. */
  remove(): Promise<void>;
}

/** How the project is set up. */
export interface ConsumerOptions {
  /** The workspace. */
  readonly root: string;
  /** Which libs. */
  readonly libs: readonly PublishedLib[];
  /** Exact versions of what a consumer brings: `typescript`, `@types/node`. */
  readonly tools: Readonly<Record<string, string>>;
}

/** The same place for each TypeScript option set, so that one install serves all. */
const compilerOptions = { strict: true, target: 'es2024', types: ['node'], skipLibCheck: false };

/** Packs the libs, which must be built, and installs them with each other. */
export async function createConsumerProject(options: ConsumerOptions): Promise<ConsumerProject> {
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-consumer-'));
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    const tarballs = await packLibs(options, directory);
    await writeProject(directory, options, tarballs);
    await npm(['install', '--prefer-offline', '--ignore-scripts', '--no-audit'], directory);
    return { directory, tarballs, remove };
  } catch (error: unknown) {
    await remove();
    throw error;
  }
}

/** npm as the caller has configured it, without what a test run has put in the environment. */
async function npm(args: readonly string[], cwd: string): Promise<string> {
  const env = { ...process.env, NODE_OPTIONS: undefined };
  const { stdout } = await run('npm', [...args, '--no-fund', '--loglevel=error'], { cwd, env });
  return stdout;
}

async function packLibs(
  { root, libs }: ConsumerOptions,
  directory: string,
): Promise<Readonly<Record<string, string>>> {
  for (const lib of libs) removeStaleOutput(join(root, lib.directory));
  const folders = libs.map((lib) => `./${lib.directory}`);
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', directory];
  const packed = JSON.parse(await npm([...args, ...folders], root)) as readonly {
    readonly name: string;
    readonly filename: string;
  }[];
  return Object.fromEntries(packed.map(({ name, filename }) => [name, join(directory, filename)]));
}

async function writeProject(
  directory: string,
  { libs, tools }: ConsumerOptions,
  tarballs: Readonly<Record<string, string>>,
): Promise<void> {
  const files = Object.entries(tarballs).map(([name, file]) => [name, `file:${file}`] as const);
  const dependencies = {
    ...wantedByExamples(libs),
    ...Object.fromEntries<string>(files),
    ...tools,
  };
  const manifest = { name: 'consumer', private: true, type: 'module', dependencies };
  await mkdir(join(directory, 'examples'));
  await Promise.all([
    writeJson(join(directory, 'package.json'), manifest),
    writeConfig(directory, 'nodenext', { module: 'nodenext', rootDir: 'examples', outDir: 'out' }),
    writeConfig(directory, 'bundler', {
      module: 'esnext',
      moduleResolution: 'bundler',
      noEmit: true,
    }),
    ...libs.map((lib) => {
      const { example } = readReadme(lib.readme);
      return writeFile(join(directory, 'examples', `${lib.shortName}.ts`), example);
    }),
  ]);
}

/** What an example imports beside the libs, in the range that its lib states. */
function wantedByExamples(libs: readonly PublishedLib[]): Readonly<Record<string, string>> {
  const entries = libs.flatMap(({ readme, manifest }) =>
    specifiersIn(readReadme(readme).example)
      .filter((specifier) => !/^(node:|@fairlead\/)/.test(specifier))
      .map((name) => [name, manifest.dependencies?.[name] ?? 'undeclared'] as const),
  );
  return Object.fromEntries(entries);
}

function writeConfig(directory: string, name: string, options: object): Promise<void> {
  const config = { compilerOptions: { ...compilerOptions, ...options }, include: ['examples'] };
  return writeJson(join(directory, `tsconfig.${name}.json`), config);
}

function writeJson(path: string, content: object): Promise<void> {
  return writeFile(path, `${JSON.stringify(content, null, 2)}\n`);
}
