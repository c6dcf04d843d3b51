// Time and chance as the simulator needs them: whoever starts a fleet hands them in, so that a
// test can move the clock by hand and every run with one seed is the same run.

/** The passing of time. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Settles after `ms`; settles early (it never rejects) when `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A source of chance. */
export interface Random {
  /** The next number in [0, 1). */
  next(): number;
}

/** A seeded source of chance (mulberry32): one seed, one sequence, on every machine. */
export function seededRandom(seed: number | string): Random {
  let state = typeof seed === 'number' ? seed >>> 0 : hashText(seed);
  return {
    next(): number {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    },
  };
}

/** A random-looking UUID (version 4 in form) drawn from `random`. */
export function nextUid(random: Random): string {
  const bytes = Buffer.from(UID_FORM, 'latin1');
  for (const [start, digits] of UID_DIGITS) {
    let rest = Math.floor(random.next() * 16 ** digits);
    for (let at = start + digits - 1; at >= start; at--) {
      bytes[at] = HEX_DIGITS.charCodeAt(rest % 16);
      rest = Math.floor(rest / 16);
    }
  }
  // Not put together from strings: such a text would keep all its parts in memory.
  return bytes.toString('latin1');
}

const UID_FORM = '00000000-0000-4000-8000-000000000000';
/** Where chance stands in it: first place and number of digits. */
const UID_DIGITS = [
  [0, 8],
  [9, 4],
  [15, 3],
  [20, 3],
  [24, 6],
  [30, 6],
] as const;
const HEX_DIGITS = '0123456789abcdef';

/** A whole number in [0, below). */
export function nextBelow(random: Random, below: number): number {
  return Math.floor(random.next() * below);
}

/** A clock that stands still until it is moved; for tests. */
export interface ManualClock extends Clock {
  /** Moves time forward, waking sleepers in order of their time. */
  advance(ms: number): Promise<void>;
  /** How many sleepers wait. */
  readonly sleeping: number;
}

/** Makes a clock that a test moves by hand. */
export function createManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let now = startMs;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  return {
    nowMs: () => now,
    get sleeping() {
      return sleepers.size;
    },
    sleep(ms, signal) {
      if (signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const sleeper = {
          at: now + ms,
          wake: () => {
            sleepers.delete(sleeper);
            signal.removeEventListener('abort', sleeper.wake);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal.addEventListener('abort', sleeper.wake, { once: true });
      });
    },
    async advance(ms) {
      const until = now + ms;
      for (;;) {
        await letOthersRun();
        const due = [...sleepers].filter((s) => s.at <= until).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        now = Math.max(now, due.at);
        due.wake();
      }
      now = until;
    },
  };
}

/** Promise reactions of those just woken run before the next sleeper is chosen. */
async function letOthersRun(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
}

function hashText(text: string): number {
  let hash = 2166136261;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 16777619) >>> 0;
  }
  return hash;
}
