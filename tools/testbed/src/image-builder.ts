/**
 * Container images on a machine without a container engine. Start at `findImageBuilder`: it builds
 * a Dockerfile of the workspace and hands out what an engine would run, as a folder.
 */
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contextDigest } from './build-context.ts';
import { cachedDirectory } from './cached-directory.ts';
import { withFileLock } from './file-lock.ts';
import { imagesDirectory, openImageStorage, type ImageStorage } from './image-storage.ts';
import { findImageTools } from './image-tools.ts';
import { ensureNodeBaseImage, nodeBaseImage } from './node-base-image.ts';
import { runCommand } from './run-command.ts';
import type { StartOptions } from './start-options.ts';

/** What an image says about itself, as in the image specification's `config`. */
export interface ImageConfig {
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly StopSignal?: string;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly Labels?: Readonly<Record<string, string>>;
}

/** An image that was built; shared by all who build the same, so never to be written to. */
export interface BuiltImage {
  /** Its root file system, owners and modes as they are. */
  readonly root: string;
  readonly config: ImageConfig;
}

/** What to build. */
export interface ImageBuildOptions {
  /** For messages and the cache, such as `agent`. */
  readonly name: string;
  /** Folder that the Dockerfile copies from, with a `.dockerignore`. */
  readonly context: string;
  /** Path of the Dockerfile in it. */
  readonly dockerfile: string;
  /** The Dockerfile's `ARG` values. @defaultValue none but `NODE_IMAGE` */
  readonly buildArguments?: Readonly<Record<string, string>>;
}

/** Builds images. */
export interface ImageBuilder {
  /**
   * Builds one, or finds it in the cache when nothing that it is made of has changed.
   *
   * @throws TestbedError `buildFailed` with the end of the build's output
   */
  build(options: ImageBuildOptions): Promise<BuiltImage>;
}

const oldAfterMs = 24 * 60 * 60 * 1_000;
/** A build of the three images makes about 45, of 1 GB in all; older ones are then forgotten. */
const maxImages = 120;

/**
 * Gets ready to build: installs what builds, and makes the image to start from (a minute, once).
 *
 * @throws TestbedError `unavailable`
 */
export async function findImageBuilder(options: StartOptions = {}): Promise<ImageBuilder> {
  const tools = await findImageTools(options);
  const storage = await openImageStorage(tools.buildah, options);
  const alone = <T>(work: () => Promise<T>) =>
    withFileLock(join(imagesDirectory(options), 'storage.lock'), work, options);
  await alone(() => ensureNodeBaseImage(storage, tools, options));
  return {
    build: async (wanted) => {
      const directory = await cachedDirectory({
        path: join(imagesDirectory(options), `${wanted.name}-${await digestOf(wanted)}`),
        signal: options.signal,
        fill: (target) => alone(() => buildInto(target, storage, wanted)),
      });
      await forgetOthers(directory, wanted.name);
      return readImage(directory);
    },
  };
}

async function digestOf(wanted: ImageBuildOptions): Promise<string> {
  const context = await contextDigest(wanted.context, [wanted.dockerfile]);
  const given = Object.values(wanted.buildArguments ?? {}).join('+');
  return `${process.versions.node}-${context}${given && `-${given}`}`;
}

async function buildInto(
  target: string,
  storage: ImageStorage,
  { name, context, dockerfile, buildArguments = {} }: ImageBuildOptions,
): Promise<void> {
  const tag = `localhost/fairlead-test/${name}`;
  const given = Object.entries({ NODE_IMAGE: nodeBaseImage(), ...buildArguments });
  await forgetOldLayers(storage);
  await storage.run([
    ...['bud', '--isolation=chroot', '--network=host', '--pull-never', '--layers', '--quiet'],
    ...given.map(([key, value]) => `--build-arg=${key}=${value}`),
    ...[`--file=${join(context, dockerfile)}`, `--tag=${tag}`, context],
  ]);
  const container = (await storage.run(['from', '--pull-never', tag])).trim();
  try {
    const mounted = (await storage.run(['mount', container])).trim();
    await runCommand('cp', ['--archive', mounted, join(target, 'root')]);
    const inspected = await storage.run(['inspect', '--type=image', tag]);
    await writeFile(join(target, 'image.json'), inspected);
  } finally {
    await storage.run(['rm', container]);
  }
  // An engine makes these when it starts a container, before the root becomes read-only.
  for (const folder of ['proc', 'dev']) await mkdir(join(target, 'root', folder));
}

async function readImage(directory: string): Promise<BuiltImage> {
  const inspected = JSON.parse(await readFile(join(directory, 'image.json'), 'utf8')) as {
    readonly OCIv1: { readonly config: ImageConfig };
  };
  return { root: join(directory, 'root'), config: inspected.OCIv1.config };
}

/** Layers that no build needs any more cannot be told apart, so now and then all are built anew. */
async function forgetOldLayers(storage: ImageStorage): Promise<void> {
  const listed = await storage.run(['images', '--all', '--quiet']);
  if (listed.trim().split('\n').length < maxImages) return;
  await storage.run(['rmi', '--prune', '--force']);
}

/** Another worktree may be using its own image still: only those of yesterday go. */
async function forgetOthers(directory: string, name: string): Promise<void> {
  const parent = join(directory, '..');
  const entries = await readdir(parent);
  for (const entry of entries.filter((one) => one.startsWith(`${name}-`))) {
    const path = join(parent, entry);
    const { mtimeMs } = await stat(path);
    if (path === directory || Date.now() - mtimeMs < oldAfterMs) continue;
    await rm(path, { recursive: true, force: true });
  }
}
