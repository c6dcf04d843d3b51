/**
 * How the lists of known differences are written, with `kind:namespace:name` for an object of no
 * account. Ours is what has more, or another, than Clouddriver's own rows.
 */

/** The key of an object. */
export function idOf(object: string): string {
  const [kind = '', ...place] = object.split(':');
  return `kubernetes.v2:infrastructure:${kind}:*:${place.join(':')}`;
}

/** A row that Clouddriver does not have. */
export function isExtra(object: string): string {
  return `extra: ${idOf(object)}: */KubernetesCoreCachingAgent[1/1]`;
}

/** A manifest that Clouddriver prints in another way. */
export function hasOtherManifest(object: string): string {
  return `attribute: ${idOf(object)}: manifest`;
}

/** A relation that Clouddriver does not have. */
export function alsoRelates(from: string, to: string): string {
  return `relation extra: ${idOf(from)}: ${idOf(to)}`;
}

/** The same from both ends. */
export function relateEachOther(one: string, other: string): readonly string[] {
  return [alsoRelates(one, other), alsoRelates(other, one)];
}
