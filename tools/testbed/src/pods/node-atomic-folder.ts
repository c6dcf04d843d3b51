/**
 * Files as kubelets lay them out, so that a whole volume changes in one step: `KEY -> ..data/KEY`,
 * `..data -> ..TIMESTAMP`, and a change makes another such folder and renames a link over `..data`.
 */
import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  mkdir,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { VolumeFile } from './volume-files.ts';

/** A folder of files, and whom they are to be readable for. */
export interface AtomicFolderOptions {
  /** Absolute path of the volume's folder; made when it is not there. */
  readonly path: string;
  readonly files: readonly VolumeFile[];
  /** Group that may read everything. @defaultValue root's */
  readonly group?: number | undefined;
}

const dataLink = '..data';
const nextDataLink = '..data_tmp';
/** What `fsGroup` adds for volumes that are read only. */
const groupReads = 0o440;
const folderMode = 0o755;
const groupFolderMode = 0o2775;

/** Swaps in the files. Whoever reads `..data` sees all of the old ones, or all of the new ones. */
export async function writeAtomicFolder(options: AtomicFolderOptions): Promise<void> {
  const { path, files } = options;
  await mkdir(path, { recursive: true });
  await chmod(path, folderMode);
  const version = versionName(new Date());
  await writeVersion(join(path, version), options);
  const former = await currentVersion(path);
  await symlink(version, join(path, nextDataLink));
  await rename(join(path, nextDataLink), join(path, dataLink));
  await linkNames(path, topNames(files));
  if (former !== undefined) await rm(join(path, former), { recursive: true });
}

/** Names of what lies directly in the folder, folders among them. */
function topNames(files: readonly VolumeFile[]): ReadonlySet<string> {
  return new Set(files.map(({ path }) => path.split('/')[0] ?? path));
}

async function writeVersion(folder: string, { files, group }: AtomicFolderOptions): Promise<void> {
  await makeFolder(folder, group);
  for (const { path, bytes, mode, uid = 0 } of files) {
    const target = join(folder, path);
    await makeFolder(dirname(target), group);
    await writeFile(target, bytes);
    await chown(target, uid, group ?? 0);
    await chmod(target, group === undefined ? mode : mode | groupReads);
  }
}

async function makeFolder(folder: string, group: number | undefined): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (group !== undefined) await chown(folder, 0, group);
  await chmod(folder, group === undefined ? folderMode : groupFolderMode);
}

async function currentVersion(path: string): Promise<string | undefined> {
  const names = await readdir(path);
  return names.includes(dataLink) ? readlink(join(path, dataLink)) : undefined;
}

async function linkNames(path: string, names: ReadonlySet<string>): Promise<void> {
  const there = (await readdir(path)).filter((name) => !name.startsWith('..'));
  for (const name of names) {
    if (!there.includes(name)) await symlink(join(dataLink, name), join(path, name));
  }
  for (const name of there.filter((each) => !names.has(each))) await rm(join(path, name));
}

/** Such as `..2026_02_03_10_20_30.1a2b3c4d`. */
function versionName(now: Date): string {
  const stamp = now.toISOString().slice(0, 19).replace(/[-T:]/g, '_');
  return `..${stamp}.${randomBytes(4).toString('hex')}`;
}
