/** How much is too much. */
export interface FailureLimits {
    /** Failures that an address may have at once. */
    readonly burst: number;
    /** Time in which as many are forgiven, ms. */
    readonly windowMs: number;
    /** Addresses that are remembered. @defaultValue 10,000: about 2 MB */
    readonly maxAddresses?: number;
}
/** Counts failures by address. */
export declare class FailureLimiter {
    #private;
    constructor(limits: FailureLimits, clock: {
        nowMs(): number;
    });
    /** How long the address must wait before it may try again, ms; 0 if it need not. */
    waitMs(address: string): number;
    /** An attempt begins. It counts as a failure until it is {@link forgive}n, so that many at once do. */
    charge(address: string): void;
    /** The attempt was none that failed. */
    forgive(address: string): void;
}
/**
 * Who counts as one: an IPv4 address, or the 64 bits of an IPv6 address that one subscriber is given
 * (RFC 6177), who could otherwise come with a new one each time.
 */
export declare function networkOf(address: string): string;
//# sourceMappingURL=failure-limiter.d.ts.map