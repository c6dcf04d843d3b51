/** Growing delays with jitter between attempts, so that many waiters do not return at once. */

/** Source of randomness in [0, 1). */
export interface Random {
  /** The next number. */
  next(): number;
}

/** Shape of the growth; defaults are grpc-go's connection backoff. */
export interface BackoffOptions {
  /** First delay in milliseconds. @defaultValue 1000 */
  readonly baseDelayMs?: number;
  /** Growth per attempt. @defaultValue 1.6 */
  readonly multiplier?: number;
  /** Share of the delay that is random, both ways. @defaultValue 0.2 */
  readonly jitter?: number;
  /** Largest delay in milliseconds, before jitter. @defaultValue 120000 */
  readonly maxDelayMs?: number;
}

/** Delays of one series of attempts. */
export interface Backoff {
  /** Milliseconds to wait before the next attempt. */
  nextDelayMs(): number;
  /** Starts over after a success. */
  reset(): void;
}

/** A series that starts at `baseDelayMs` and grows to `maxDelayMs`. */
export function createBackoff(random: Random, options: BackoffOptions = {}): Backoff {
  const { baseDelayMs = 1_000, multiplier = 1.6, jitter = 0.2, maxDelayMs = 120_000 } = options;
  let attempt = 0;
  return {
    nextDelayMs() {
      const delayMs = Math.min(maxDelayMs, baseDelayMs * multiplier ** attempt);
      if (delayMs < maxDelayMs) attempt += 1;
      return Math.round(delayMs * (1 + jitter * (2 * random.next() - 1)));
    },
    reset() {
      attempt = 0;
    },
  };
}
