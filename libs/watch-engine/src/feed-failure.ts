/** What a request of a feed can end with besides an answer: its output failed, or its connection did. */
import type { BreakCause } from './feed-state.ts';
import { codeOf } from './watch-engine-error.ts';

/** The output threw: not the cluster's fault, and not to be tried again here. */
export class OutputFailed extends Error {}

/** Throws it with its cause. */
export function outputFailed(error: unknown): never {
  throw new OutputFailed('the output failed', { cause: error });
}

/** How a connection ended that threw. */
export function causeOf(error: unknown): BreakCause {
  const code = codeOf(error);
  return code === 'truncated' || code === 'malformed' ? code : 'network';
}
