/**
 * Programs of a Go module of this room, built once and kept in the cache under a name that changes
 * whenever what comes out of the build would.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedDirectory } from './cached-directory.ts';
import { goBuild } from './go-build.ts';
import { findExecutable, runCommand } from './run-command.ts';
import type { StartOptions } from './start-options.ts';
import { TestbedError } from './testbed-error.ts';
import { cacheDirectory, type Environment } from './testbed-environment.ts';

/** What to build, from where. */
export interface GoPrograms {
  /** Absolute path of the folder with `go.mod` and `go.sum`. */
  readonly moduleDirectory: string;
  /** Folder of the cache. */
  readonly cacheFolder: string;
  /** File name of each program to Go's import path of it. */
  readonly packages: Readonly<Record<string, string>>;
  /** The version that `go.mod` asks for, which names the build. */
  readonly versionOf: (goMod: string) => string;
  /** For Go's linker. */
  readonly linkerFlags: (version: string) => string;
  /** Folders of Go sources of our own, below the module's. @defaultValue none */
  readonly sourceFolders?: readonly string[];
}

/** What a person has to do when there is no Go. */
export const goHint =
  "Install Go 1.26 or newer (the archive that the Go project offers, or your system's package " +
  'when it is as new), put it on PATH and run "npm run testbed -- build".';

/**
 * The folder of the programs, built now if they are not in the cache.
 *
 * @throws TestbedError `unavailable` without Go or its module proxy, `buildFailed` when Go gives up
 */
export async function buildGoPrograms(
  programs: GoPrograms,
  options: StartOptions,
): Promise<string> {
  const { environment = process.env, onProgress, signal } = options;
  const names = Object.keys(programs.packages).join(', ');
  const root = join(cacheDirectory(environment), programs.cacheFolder);
  const go = findExecutable('go', environment);
  const prefix = await buildPrefix(programs);
  if (!go) return findEarlierBuild(root, { prefix, names });
  const goVersion = await runCommand(go, ['env', 'GOVERSION'], {
    cwd: programs.moduleDirectory,
    failureCode: 'unavailable',
    hint: goHint,
  });
  return cachedDirectory({
    path: join(root, `${prefix}-${goVersion.trim()}`),
    signal,
    onWait: () => onProgress?.(`another process is building ${names}; waiting`),
    fill: (directory) => buildAll(programs, { go, directory, options }),
  });
}

/** True when something of the module is built, or could be. */
export function mayHavePrograms(
  { cacheFolder }: Pick<GoPrograms, 'cacheFolder'>,
  environment: Environment,
): boolean {
  const isBuilt = existsSync(join(cacheDirectory(environment), cacheFolder));
  return isBuilt || findExecutable('go', environment) !== undefined;
}

/** The text of a module's file. */
export function readModule(
  { moduleDirectory }: Pick<GoPrograms, 'moduleDirectory'>,
  file: 'go.mod' | 'go.sum',
): Promise<string> {
  return readFile(join(moduleDirectory, file), 'utf8');
}

async function buildAll(
  programs: GoPrograms,
  {
    go,
    directory,
    options,
  }: { readonly go: string; readonly directory: string; readonly options: StartOptions },
): Promise<void> {
  const version = programs.versionOf(await readModule(programs, 'go.mod'));
  for (const [name, packagePath] of Object.entries(programs.packages)) {
    await goBuild({
      go,
      moduleDirectory: programs.moduleDirectory,
      packagePath,
      output: join(directory, name),
      ldflags: programs.linkerFlags(version),
      onProgress: (line) => options.onProgress?.(`building ${name}: ${line}`),
      signal: options.signal,
    });
  }
}

/** Everything that decides what comes out of a build, except the version of Go. */
async function buildPrefix(programs: GoPrograms): Promise<string> {
  const module = (await readModule(programs, 'go.mod')) + (await readModule(programs, 'go.sum'));
  const sources = await readSources(programs);
  const digest = createHash('sha256').update(module).update(sources).digest('hex').slice(0, 12);
  const platform = `${process.platform}-${process.arch}`;
  const names = Object.keys(programs.packages).join('+');
  return `${names}-${programs.versionOf(module)}-${platform}-${digest}`;
}

async function readSources({ moduleDirectory, sourceFolders = [] }: GoPrograms): Promise<string> {
  const texts: string[] = [];
  for (const folder of sourceFolders) {
    const files = await readdir(join(moduleDirectory, folder));
    for (const file of files.filter((name) => name.endsWith('.go')).sort()) {
      texts.push(await readFile(join(moduleDirectory, folder, file), 'utf8'));
    }
  }
  return texts.join('\0');
}

async function findEarlierBuild(
  root: string,
  { prefix, names }: { readonly prefix: string; readonly names: string },
): Promise<string> {
  const builds = existsSync(root) ? await readdir(root) : [];
  const build = builds.find((name) => name.startsWith(prefix) && /-go[\d.]+$/.test(name));
  if (build) return join(root, build);
  throw new TestbedError('unavailable', `${names} must be built, and Go is missing`, {
    hint: goHint,
  });
}
