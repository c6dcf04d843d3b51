/**
 * Comparing resourceVersions. Kubernetes has them be whole numbers that grow with each change of any
 * object of a resource
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-version-string); what is no
 * such number compares with nothing.
 */
/** Whether versions of this kind can be put in order. */
export declare function isOrdered(version: string): boolean;
/** Whether one version is later than another; both must be {@link isOrdered}. */
export declare function isLater(version: string, than: string): boolean;
/** The earliest of some ordered versions; `undefined` if there is none, or one is not ordered. */
export declare function earliestOf(versions: readonly string[]): string | undefined;
/** Order for sorting ordered versions, the earliest first. */
export declare function compareVersions(one: string, other: string): number;
//# sourceMappingURL=resource-version.d.ts.map