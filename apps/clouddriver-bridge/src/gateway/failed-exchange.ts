/** What a client of the gateway is told when there is no answer of its cluster. */
import {
  ApiTunnelError,
  statusResponse,
  type ApiHandler,
  type ApiResponse,
  type ApiTunnelErrorCode,
} from '@fairlead/api-tunnel';

/** When to ask again while an agent is away, in seconds: links come back within some. */
const retryAfterSeconds = 5;

const statuses: Readonly<Record<ApiTunnelErrorCode, number>> = {
  unavailable: 503,
  unreachable: 503,
  interrupted: 502,
  violated: 502,
  noAnswer: 504,
  tooLarge: 413,
  // nginx's code for a client that has gone: nobody reads it, the audit log shows it.
  aborted: 499,
};

/** An error on the way to a cluster as a `Status` object that says what may have happened there. */
export function failedExchange(account: string, error: ApiTunnelError): ApiResponse {
  const { code, mayHaveRun, message } = error;
  const executed = mayHaveRun ? 'may have been executed' : 'was not executed';
  const retry = mayHaveRun ? {} : { headers: { 'retry-after': String(retryAfterSeconds) } };
  return statusResponse({
    status: statuses[code],
    message: `fairlead: cluster ${account}: ${message}; the request ${executed}`,
    ...(statuses[code] === 503 ? retry : {}),
  });
}

/** Answers while no agent has a link that leads to the account. */
export const agentAway: ApiHandler = () =>
  Promise.reject(new ApiTunnelError('unavailable', 'no agent that serves it is connected'));
