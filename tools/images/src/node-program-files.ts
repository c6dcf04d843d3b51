/**
 * Everything of one program that goes into its image, as a folder that is copied over the root:
 * the bundle, its command on PATH, licences and bill of materials.
 */
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { packageFolders } from './bundled-packages.ts';
import { imagePrograms, type ImageName } from './image-programs.ts';
import { bundleProgram } from './node-bundle-program.ts';
import { spdxDocument } from './spdx-document.ts';
import { parseSystemPackage } from './system-packages.ts';
import { thirdPartyNotices, type BundledPackage } from './third-party-notices.ts';

/** What to write, and where. */
export interface ProgramFilesOptions {
  readonly image: ImageName;
  /** Root of the workspace. */
  readonly root: string;
  /** Folder to write into, as if it were the image's root. */
  readonly target: string;
  /** Folder with dpkg's paragraph of each package that the image has. */
  readonly systemPackages: string;
  /** For the bill of materials. */
  readonly created: Date;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly license?: unknown;
}

const licenseFile = /^(licen[cs]e|copying|notice)/i;

/** Writes the files. Throws what the bundler throws. */
export async function writeProgramFiles(options: ProgramFilesOptions): Promise<void> {
  const { image, root, target } = options;
  const { room, command } = imagePrograms[image];
  const home = `/usr/lib/fairlead/${image}`;
  const manifest = await readManifest(join(root, room));
  const outDirectory = join(target, home, 'dist');
  const { modules } = await bundleProgram({ root, room, outDirectory });
  const bundled = await readPackages(root, packageFolders(modules));

  const { name, version, description, license } = manifest;
  const ownManifest = { name, version, description, license, type: 'module' };
  await writeInto(target, `${home}/package.json`, toJson(ownManifest));
  await mkdir(join(target, 'usr/local/bin'), { recursive: true });
  await symlink(`${home}/dist/main.js`, join(target, 'usr/local/bin', command));
  await writeInto(target, 'usr/share/doc/fairlead/licenses.txt', thirdPartyNotices(bundled));
  const sbom = spdxDocument({
    name: command,
    version,
    license: String(license),
    nodeVersion: process.versions.node,
    bundled: bundled.filter((one) => one.name !== name),
    system: await readSystemPackages(options.systemPackages),
    created: options.created,
  });
  await writeInto(target, 'usr/share/doc/fairlead/sbom.spdx.json', toJson(sbom));
}

async function readPackages(
  root: string,
  folders: readonly string[],
): Promise<readonly BundledPackage[]> {
  const packages = await Promise.all(
    folders.map(async (folder) => {
      const { name, version, license } = await readManifest(join(root, folder));
      const isString = typeof license === 'string';
      const texts = folder.includes('node_modules') ? await readLicenses(join(root, folder)) : [];
      return { name, version, license: isString ? license : undefined, texts };
    }),
  );
  // The same version may lie in several folders.
  const byName = new Map(packages.map((one) => [`${one.name}@${one.version}`, one]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function readLicenses(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && licenseFile.test(entry.name));
  const names = files.map((entry) => entry.name).sort();
  return Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
}

async function readSystemPackages(folder: string) {
  const names = (await readdir(folder)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.map(parseSystemPackage);
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

async function writeInto(target: string, path: string, text: string): Promise<void> {
  const file = join(target, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

function toJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
