/** Failures of an agent as they travel, and the errors that they are on both sides. */
import { ExchangeFailureCode, type ExchangeFailure } from '@fairlead/protocol';
import { ApiTunnelError, type ApiTunnelErrorCode } from './api-tunnel-error.ts';

const codes: readonly (readonly [ExchangeFailureCode, ApiTunnelErrorCode])[] = [
  [ExchangeFailureCode.UNKNOWN_ACCOUNT, 'unavailable'],
  [ExchangeFailureCode.UNREACHABLE, 'unreachable'],
  [ExchangeFailureCode.NO_ANSWER, 'noAnswer'],
  [ExchangeFailureCode.INTERRUPTED, 'interrupted'],
];

/** The error that a failure stands for; a code of a newer agent is an interruption. */
export function errorFromFailure({ code, message, mayHaveRun }: ExchangeFailure): ApiTunnelError {
  const known = codes.find(([wire]) => wire === code)?.[1] ?? 'interrupted';
  return new ApiTunnelError(known, message, { mayHaveRun });
}

/**
 * How an error travels. What is no `ApiTunnelError` is a fault of the agent, whose message stays
 * there: it may hold anything.
 */
export function failureFromError(error: unknown): ExchangeFailure {
  if (!(error instanceof ApiTunnelError)) {
    const code = ExchangeFailureCode.INTERRUPTED;
    return { code, message: 'the agent has failed; see its log', mayHaveRun: true };
  }
  const { message, mayHaveRun } = error;
  const code = codes.find(([, name]) => name === error.code)?.[0];
  return { code: code ?? ExchangeFailureCode.INTERRUPTED, message, mayHaveRun };
}
