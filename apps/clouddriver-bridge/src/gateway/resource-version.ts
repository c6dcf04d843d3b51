/**
 * Comparing resourceVersions. Kubernetes has them be whole numbers that grow with each change of any
 * object of a resource
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-version-string); what is no
 * such number compares with nothing.
 */

/** Whether versions of this kind can be put in order. */
export function isOrdered(version: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(version);
}

/** Whether one version is later than another; both must be {@link isOrdered}. */
export function isLater(version: string, than: string): boolean {
  // Without leading zeros the longer number is the larger one, whatever its size.
  return version.length === than.length ? version > than : version.length > than.length;
}

/** The earliest of some ordered versions; `undefined` if there is none, or one is not ordered. */
export function earliestOf(versions: readonly string[]): string | undefined {
  if (!versions.every(isOrdered)) return new Set(versions).size === 1 ? versions[0] : undefined;
  return versions.reduce<string | undefined>(
    (least, version) => (least === undefined || isLater(least, version) ? version : least),
    undefined,
  );
}

/** Order for sorting ordered versions, the earliest first. */
export function compareVersions(one: string, other: string): number {
  return one === other ? 0 : isLater(one, other) ? 1 : -1;
}
