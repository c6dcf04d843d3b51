/**
 * Answers that Fairlead itself gives in the name of a Kubernetes API: `Status` objects, as
 * apimachinery's `metav1.Status` has them, so that every client shows the message.
 */
import type { ApiHeaders, ApiResponse } from './api-exchange.ts';

/** What went wrong. */
export interface StatusFacts {
  /** HTTP status code. */
  readonly status: number;
  /** For people; begins with who says it. */
  readonly message: string;
  /** Further headers, such as `retry-after`. */
  readonly headers?: ApiHeaders;
}

/** `metav1.StatusReason` of each code that Fairlead answers. */
const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** A failure as a `Status` object in JSON, which every client of Kubernetes reads. */
export function statusResponse({ status, message, headers }: StatusFacts): ApiResponse {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: reasons[status] ?? 'Unknown',
    ...retryDetails(headers),
    code: status,
  };
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** client-go obeys `details.retryAfterSeconds` and the header alike. */
function retryDetails(headers: ApiHeaders | undefined): object {
  const seconds = Number(headers?.['retry-after']);
  return Number.isInteger(seconds) ? { details: { retryAfterSeconds: seconds } } : {};
}
