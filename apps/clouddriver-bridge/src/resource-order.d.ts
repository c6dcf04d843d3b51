/**
 * Order of resourceVersions, as the watch engine has it: every server that stores in etcd counts
 * upwards in decimal (a promise since KEP-5504); anything else has no order here.
 */
/** Whether there is an order. */
export declare function isOrdered(resourceVersion: string): boolean;
/** Whether `one` surely comes after `other`; false when that cannot be told. */
export declare function isAfter(one: string, other: string): boolean;
//# sourceMappingURL=resource-order.d.ts.map