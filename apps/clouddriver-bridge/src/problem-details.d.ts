/** Errors of the API as RFC 9457 problem documents. */
/** Media type of a problem document. */
export declare const problemContentType = "application/problem+json";
/** The document. */
export interface ProblemDetails {
    /** RFC 9457: `about:blank` says that the status tells it all. */
    readonly type: string;
    /** The status in words. */
    readonly title: string;
    /** HTTP status. */
    readonly status: number;
    /** What is wrong with this request. */
    readonly detail: string;
}
/** A request that cannot be answered as asked. */
export declare class ApiError extends Error {
    readonly name = "ApiError";
    /** HTTP status, 400 to 599. */
    readonly status: number;
    /** For the header `retry-after`; `undefined` where waiting does not help or nobody knows. */
    readonly retryAfterSeconds: number | undefined;
    constructor(status: number, detail: string, options?: ErrorOptions & {
        readonly retryAfterSeconds?: number;
    });
}
/** The document for a status. */
export declare function problem(status: number, detail: string): ProblemDetails;
//# sourceMappingURL=problem-details.d.ts.map