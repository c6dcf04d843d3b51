/** What every function that starts a server lets its caller say. */
import type { Environment } from './testbed-environment.ts';

/** Common to all servers; all optional. */
export interface StartOptions {
  /** Ends a start that is under way; what was started is removed. */
  readonly signal?: AbortSignal | undefined;
  /** Hears, in lines for people, what takes long: building, installing, waiting for a lock. */
  readonly onProgress?: ((line: string) => void) | undefined;
  /**
   * Milliseconds a server may take from start to its first answer.
   * @defaultValue 60 000: the slowest start measured was 4 s alone, 20 s beside a full build
   */
  readonly readyTimeoutMs?: number | undefined;
  /** Where to look up programs, the cache and shared servers. @defaultValue process.env */
  readonly environment?: Environment | undefined;
}

/** See `StartOptions.readyTimeoutMs`. */
export const defaultReadyTimeoutMs = 60_000;
