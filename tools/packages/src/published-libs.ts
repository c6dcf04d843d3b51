/** Which rooms are published, and what their README shows first: the example that tests run. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A lib as it stands in the workspace. */
export interface PublishedLib {
  /** Folder below the root: `libs/protocol`. */
  readonly directory: string;
  /** Name as imported: `@fairlead/protocol`. */
  readonly name: string;
  /** Last part of the name: `protocol`. */
  readonly shortName: string;
  /** What package.json says. */
  readonly manifest: PackageManifest;
  /** Text of README.md. */
  readonly readme: string;
}

/** The part of a package.json that is read here. */
export interface PackageManifest {
  /** Name as imported. */
  readonly name: string;
  /** Version. */
  readonly version: string;
  /** One sentence. */
  readonly description: string;
  /** Never published. @defaultValue false */
  readonly private?: boolean;
  /** Ranges by name. @defaultValue none */
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** All libs that `nx release` publishes, by name. */
export function publishedLibs(root: string): readonly PublishedLib[] {
  return readdirSync(join(root, 'libs'))
    .map((folder) => libAt(root, `libs/${folder}`))
    .filter(({ manifest }) => manifest.private !== true);
}

function libAt(root: string, directory: string): PublishedLib {
  const read = (file: string): string => readFileSync(join(root, directory, file), 'utf8');
  const manifest = JSON.parse(read('package.json')) as PackageManifest;
  const { name } = manifest;
  return {
    directory,
    name,
    shortName: name.replace(/^@[^/]+\//, ''),
    manifest,
    readme: read('README.md'),
  };
}
