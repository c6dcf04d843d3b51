/**
 * Order of resourceVersions. Kubernetes calls them opaque, yet every server that stores in etcd
 * counts upwards in decimal (made a promise by KEP-5504); anything else has no order here.
 */

const DECIMAL = /^[1-9]\d*$/;

/** Whether `a` is surely smaller than `b`; false when that cannot be told. */
export function isBefore(a: string, b: string): boolean {
  // What is not smaller as text needs no closer look; that is how nearly every event comes.
  const isSmaller = a.length === b.length ? a < b : a.length < b.length;
  return isSmaller && DECIMAL.test(a) && DECIMAL.test(b);
}

/** The later of what was reached and what was just seen: a feed's own never goes back. */
export function laterOf(reached: string, seen: string): string {
  return seen === '' || isBefore(seen, reached) ? reached : seen;
}
