/**
 * Order of resourceVersions. Kubernetes calls them opaque, yet every server that stores in etcd
 * counts upwards in decimal (made a promise by KEP-5504); anything else has no order here.
 */

const DECIMAL = /^[1-9]\d*$/;

/** Whether `a` is surely smaller than `b`; false when that cannot be told. */
export function isBefore(a: string, b: string): boolean {
  if (!DECIMAL.test(a) || !DECIMAL.test(b)) return false;
  return a.length === b.length ? a < b : a.length < b.length;
}

/** The later of what was reached and what was just seen: a feed's own never goes back. */
export function laterOf(reached: string, seen: string): string {
  return seen === '' || isBefore(seen, reached) ? reached : seen;
}
