/** Waiting for something that other processes bring about: asks again until it holds or time is up. */

/** Time for it to hold in ms, and who asks. */
export interface EventuallyOptions {
  /** @defaultValue 60000 */
  readonly timeoutMs?: number;
  /** For the message when it never held. */
  readonly what: string;
}

const pauseMs = 50;

/** Resolves with the first value of `ask` that is neither undefined nor false. */
export async function eventually<T>(
  ask: () => Promise<T | undefined | false>,
  { timeoutMs = 60_000, what }: EventuallyOptions,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await ask();
      if (value !== undefined && value !== false) return value;
    } catch (error: unknown) {
      lastError = error;
    }
    if (Date.now() > deadline)
      throw new Error(`not within ${String(timeoutMs)} ms: ${what}`, { cause: lastError });
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
