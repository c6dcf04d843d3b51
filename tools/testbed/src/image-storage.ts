/** Buildah with images of its own in the cache: nothing of the machine's is read or changed. */
import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';
import type { StartOptions } from './start-options.ts';
import type { TestbedErrorCode } from './testbed-error.ts';
import { cacheDirectory } from './testbed-environment.ts';

/** Runs buildah's subcommands on one storage. */
export interface ImageStorage {
  /** @throws TestbedError with `failureCode`, 'buildFailed' unless said otherwise */
  run(args: readonly string[], failureCode?: TestbedErrorCode): Promise<string>;
  /** True when it has an image of this name. */
  has(image: string): Promise<boolean>;
}

/** `f_type` of overlayfs (linux/magic.h), on which no other overlay can be laid. */
const overlayMagic = 0x794c7630;

/** Where images are kept, built ones as well. */
export function imagesDirectory(options: StartOptions): string {
  return join(cacheDirectory(options.environment ?? process.env), 'images');
}

/** The storage in the cache. */
export async function openImageStorage(
  buildah: string,
  options: StartOptions,
): Promise<ImageStorage> {
  const home = join(imagesDirectory(options), 'storage');
  await mkdir(home, { recursive: true });
  const isOverlay = (await statfs(home)).type === overlayMagic;
  const global = [
    ...['--root', join(home, 'images'), '--runroot', join(home, 'run')],
    ...['--storage-driver', isOverlay ? 'vfs' : 'overlay'],
  ];
  const run: ImageStorage['run'] = (args, failureCode = 'buildFailed') =>
    runCommand(buildah, [...global, ...args], { signal: options.signal, failureCode });
  return {
    run,
    has: async (image) => {
      const listed = await run(['images', '--quiet', '--filter', `reference=${image}`]);
      return listed.trim() !== '';
    },
  };
}
