/**
 * One request to a cluster for many who wait for the same answer. It goes on while anybody waits,
 * whoever began it, and ends with the last one.
 */
import { type ApiHandler, type ApiHeaders, type ApiResponse } from '@fairlead/api-tunnel';
/** A whole answer. */
export interface WholeResponse extends ApiResponse {
    readonly body: Uint8Array;
}
/** What to send. */
export interface FlightRequest {
    readonly target: string;
    readonly headers: ApiHeaders;
    /** Who asked first. */
    readonly caller: string;
}
/** What a flight is made of. */
export interface FlightPlan {
    readonly next: ApiHandler;
    readonly request: FlightRequest;
    /** An answer of more bytes is given up: `undefined` for all. */
    readonly maxBytes: number;
    /** Takes what came, once, and gives what all who wait get. */
    readonly settle: (response: WholeResponse | undefined) => WholeResponse | undefined;
}
/** One request under way. */
export declare class SharedFlight {
    #private;
    /** Resolves when the answer is there or will not come. */
    readonly ended: Promise<void>;
    /** Begins at once. */
    constructor({ next, request, maxBytes, settle }: FlightPlan);
    /** Whether anybody may still join: it is under way, and not given up. */
    get isOpen(): boolean;
    /** Waits for the answer, or until nobody waits for this waiter. */
    wait(signal: AbortSignal): Promise<WholeResponse | undefined>;
}
/** The same promise, but rejecting as soon as nobody waits any more. */
export declare function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T>;
//# sourceMappingURL=shared-flight.d.ts.map