/**
 * What the Dockerfiles call in their build stage:
 * `node tools/images/src/main.ts IMAGE --system-packages DIR --target DIR`.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { imagePrograms, isImageName } from './image-programs.ts';
import { writeProgramFiles } from './node-program-files.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'system-packages': { type: 'string' },
    target: { type: 'string' },
  },
});
const [image = ''] = positionals;
const { target, 'system-packages': systemPackages } = values;
if (!isImageName(image) || target === undefined || systemPackages === undefined) {
  const names = Object.keys(imagePrograms).join('|');
  console.error(`usage: main.ts ${names} --system-packages DIR --target DIR`);
  process.exit(2);
}

/** Seconds, as reproducible builds have it (https://reproducible-builds.org/specs/source-date-epoch/). */
const epoch = process.env.SOURCE_DATE_EPOCH ?? '';
await writeProgramFiles({
  image,
  root: fileURLToPath(new URL('../../..', import.meta.url)),
  target: resolve(target),
  systemPackages: resolve(systemPackages),
  created: epoch === '' ? new Date() : new Date(Number(epoch) * 1_000),
});
