/** What was used between two moments, and what of it is beyond the usual. Pure. */

/** Sums up to a moment, or between two. */
export interface Usage {
  /** Monotonic; between two moments, the time between them. */
  readonly atMs: number;
  readonly cpuSeconds: number;
  readonly bytes: number;
}

/** From one moment to a later one. */
export function usageBetween(before: Usage, after: Usage): Usage {
  return {
    atMs: after.atMs - before.atMs,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    bytes: after.bytes - before.bytes,
  };
}

/** What a window used beyond the same time of a usual one; never less than nothing. */
export function beyond(window: Usage, usual: Usage): Usage {
  const part = window.atMs / usual.atMs;
  return {
    atMs: window.atMs,
    cpuSeconds: Math.max(0, window.cpuSeconds - usual.cpuSeconds * part),
    bytes: Math.max(0, window.bytes - usual.bytes * part),
  };
}
