/**
 * The HTTP/2 stream under a call that grpc-js serves. Where it stands is no public part of grpc-js
 * (1.14): whoever needs it must do without, too.
 */
/** The stream; `undefined` if it is not where it was. */
export declare function streamUnder(call: object): object | undefined;
/** Narrows what comes out of such places. */
export declare function isObject(value: unknown): value is object;
//# sourceMappingURL=grpc-call-stream.d.ts.map