/** The Secrets of a proof: each value is a canary that says which sort of Secret it was in. Pure. */

/** Sorts of Secrets: with kubectl's copy of them in an annotation, and without. */
export const secretSorts = ['plain', 'applied'] as const;

/** One of {@link secretSorts}. */
export type SecretSort = (typeof secretSorts)[number];

/** What every value of a sort begins with, and nothing else in the world. */
export const canaries: Readonly<Record<SecretSort, string>> = {
  plain: 'CanaryPlainValueQZXJV',
  applied: 'CanaryAppliedCopyWKYF',
};

/** One in so many Secrets carries kubectl's copy. */
const appliedEvery = 5;

/** Which sort the Secret of a number is. */
export function sortOf(index: number): SecretSort {
  return index % appliedEvery === 0 ? 'applied' : 'plain';
}

/** Name of the Secret of a number. */
export function secretName(index: number): string {
  return `secret-${String(index)}`;
}

/** A manifest; another `round` has other values. */
export function secretManifest(index: number, round: string): Readonly<Record<string, unknown>> {
  const sort = sortOf(index);
  const value = `${canaries[sort]}-${String(index)}-${round}`;
  const data = { password: Buffer.from(value).toString('base64') };
  const name = secretName(index);
  const applied = { apiVersion: 'v1', data, kind: 'Secret', metadata: { name } };
  const annotations =
    sort === 'plain'
      ? {}
      : { 'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(applied)}\n` };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, annotations },
    data,
    // The API server takes it into `data`.
    stringData: { token: `${canaries[sort]}-string-${String(index)}-${round}` },
  };
}
