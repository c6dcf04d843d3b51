/** What Debian's packages in an image say of themselves. Pure: text of `dpkg-query --status` in. */

/** One package of the distribution. */
export interface SystemPackage {
  readonly name: string;
  readonly version: string;
  /** Such as `amd64`. */
  readonly architecture: string;
}

/**
 * Reads one paragraph of dpkg's database.
 *
 * @throws Error when a field is missing
 */
export function parseSystemPackage(paragraph: string): SystemPackage {
  const field = (name: string): string => {
    const value = new RegExp(`^${name}: (\\S+)`, 'm').exec(paragraph)?.[1];
    if (value === undefined)
      throw new Error(`a package without ${name}: ${paragraph.slice(0, 80)}`);
    return value;
  };
  return { name: field('Package'), version: field('Version'), architecture: field('Architecture') };
}
