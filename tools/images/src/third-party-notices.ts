/** The licence texts of what is in a bundle, as one file: their licences ask for them. Pure. */

/** A package with code in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** As `package.json` has it; undefined when it says nothing that is a string. */
  readonly license: string | undefined;
  /** Its licence and notice files, as they are. */
  readonly texts: readonly string[];
}

const rule = `\n\n${'-'.repeat(80)}\n\n`;

/** Every package with its licence, in the order given. */
export function thirdPartyNotices(packages: readonly BundledPackage[]): string {
  return `${packages.map(notice).join(rule)}\n`;
}

function notice({ name, version, license, texts }: BundledPackage): string {
  const title = `${name} ${version} (${license ?? 'see below'})`;
  return [title, ...texts.map((text) => text.trim())].join('\n\n');
}
