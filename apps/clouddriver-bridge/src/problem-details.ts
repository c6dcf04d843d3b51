/** Errors of the API as RFC 9457 problem documents. */

/** Media type of a problem document. */
export const problemContentType = 'application/problem+json';

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

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** A request that cannot be answered as asked. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status, 400 to 599. */
  readonly status: number;
  /** For the header `retry-after`; `undefined` where waiting does not help or nobody knows. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    detail: string,
    options: ErrorOptions & { readonly retryAfterSeconds?: number } = {},
  ) {
    super(detail, options);
    this.status = status;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The document for a status. */
export function problem(status: number, detail: string): ProblemDetails {
  return { type: 'about:blank', title: titles[status] ?? 'Error', status, detail };
}
