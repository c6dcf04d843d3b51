/** The three images, built or taken from the cache, and short runs of them. */
import { resolve } from 'node:path';
import {
  findImageBuilder,
  startContainer,
  type BuiltImage,
  type ContainerOptions,
} from '@fairlead/testbed';
import { imagePrograms, type ImageName } from '../src/image-programs.ts';

/** Every image by its name. */
export type BuiltImages = Readonly<Record<ImageName, BuiltImage>>;

/** Given to every build, and expected in the images' labels. */
export const version = '9.8.7';

/** One after the other: they share most of their layers. */
export async function buildImages(): Promise<BuiltImages> {
  const builder = await findImageBuilder();
  const built: Partial<Record<ImageName, BuiltImage>> = {};
  for (const name of Object.keys(imagePrograms) as ImageName[]) {
    built[name] = await builder.build({
      name,
      context: resolve(__dirname, '../../..'),
      dockerfile: `docker/${name}.Dockerfile`,
      buildArguments: { VERSION: version },
    });
  }
  return built as BuiltImages;
}

/** Runs a container to its end; how that was, and what it wrote. */
export async function runContainer(
  options: ContainerOptions,
): Promise<{ readonly reason: string; readonly output: string }> {
  await using container = await startContainer(options);
  const reason = await container.waitForEnd();
  return { reason, output: await container.readLog() };
}

/** Node.js of an image instead of its program, with the same init. */
export function evaluate(image: BuiltImage, script: string) {
  const entrypoint = ['/usr/bin/tini', '--', 'node', '--input-type=module', '--eval', script];
  return runContainer({ image, entrypoint });
}
