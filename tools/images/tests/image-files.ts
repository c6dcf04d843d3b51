/** The files of a built image, for claims about them. */
import { lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/** One entry of an image. */
export interface ImageFile {
  /** Absolute, in the image. */
  readonly path: string;
  readonly stats: Stats;
}

/** What a runtime mounts there is not the image's. */
const mountPoints = ['/proc', '/dev'];

/** Everything below the root, without the root. */
export function listImageFiles(root: string): readonly ImageFile[] {
  const entries = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const files = entries.map((entry) => ({
    path: `/${entry}`,
    stats: lstatSync(join(root, entry)),
  }));
  return files.filter(({ path }) => !mountPoints.includes(path));
}

/** Bytes of all regular files, uncompressed, as engines count an image's size. */
export function sizeOf(files: readonly ImageFile[]): number {
  const regular = files.filter(({ stats }) => stats.isFile());
  return regular.reduce((sum, { stats }) => sum + stats.size, 0);
}

/** A JSON file of the image. */
export function readJson(root: string, path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}
