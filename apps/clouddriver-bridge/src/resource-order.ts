/**
 * Order of resourceVersions, as the watch engine has it: every server that stores in etcd counts
 * upwards in decimal (a promise since KEP-5504); anything else has no order here.
 */

const decimal = /^[1-9]\d*$/;

/** Whether there is an order. */
export function isOrdered(resourceVersion: string): boolean {
  return decimal.test(resourceVersion);
}

/** Whether `one` surely comes after `other`; false when that cannot be told. */
export function isAfter(one: string, other: string): boolean {
  const isLarger = one.length === other.length ? one > other : one.length > other.length;
  return isLarger && decimal.test(one) && decimal.test(other);
}
