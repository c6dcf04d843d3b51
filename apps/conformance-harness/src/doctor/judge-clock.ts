// Whether two clocks agree: tokens and certificates end by clocks, and lags are told by them.
import { type Finding, findingsOf } from './finding.ts';

/** A clock that was read. */
export interface ClockReading {
  /** Whose it is: `bridge`, `account prod-eu`, `database`. */
  readonly subject: string;
  /** What it showed, epoch milliseconds. */
  readonly theirsMs: number;
  /** What ours showed when theirs was asked, and when it had answered, epoch milliseconds. */
  readonly askedMs: number;
  readonly answeredMs: number;
}

/** `Date` headers have whole seconds; what is below is no more than that and the way. */
const toleratedMs = 2_000;
/** Beyond this, tokens that are good for minutes are refused as used too early or too late. */
const hopelessMs = 60_000;

/** Compares a clock with ours. */
export function judgeClock({ subject, theirsMs, askedMs, answeredMs }: ClockReading): Finding {
  const { ok, warn, fail } = findingsOf(subject);
  const check = 'clock';
  // Theirs was read somewhere between: within that time nothing is known.
  const aheadMs = theirsMs > answeredMs ? theirsMs - answeredMs : Math.min(0, theirsMs - askedMs);
  const offMs = Math.abs(aheadMs);
  if (offMs <= toleratedMs) return ok(check, 'its clock agrees with that of this machine');
  const what = `its clock is ${inWords(offMs)} ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's`;
  const toDo = 'let both machines take their time from NTP';
  return offMs < hopelessMs
    ? warn(check, what, `${toDo}; until then lags are told wrong by that much`)
    : fail(check, what, `${toDo}; tokens and certificates count as expired, or as not valid yet`);
}

/** A reading from an HTTP `Date` header; `undefined` where there is none. */
export function readingOfHeader(
  date: string | undefined,
  reading: Omit<ClockReading, 'theirsMs'>,
): ClockReading | undefined {
  const theirsMs = Date.parse(date ?? '');
  return Number.isNaN(theirsMs) ? undefined : { ...reading, theirsMs };
}

function inWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
