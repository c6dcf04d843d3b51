// What an examination says: one finding for each thing that was looked at.

/** How a thing stands. `warn`: it works, or may be meant, but somebody should know. */
export type Verdict = 'ok' | 'warn' | 'fail';

/** One thing that was looked at. */
export interface Finding {
  /** What it is about: `configuration`, `bridge`, `account prod-eu`, `database`. */
  readonly subject: string;
  /** What was looked at, in a word: `name`, `tcp`, `tls`, `access`. */
  readonly check: string;
  readonly verdict: Verdict;
  /** What was found, in one line. Names and numbers only, nothing secret. */
  readonly what: string;
  /** What a person can do about it; '' where there is nothing to do. */
  readonly toDo: string;
}

/** Makes the findings of one subject. */
export interface Findings {
  readonly ok: (check: string, what: string) => Finding;
  readonly warn: (check: string, what: string, toDo: string) => Finding;
  readonly fail: (check: string, what: string, toDo: string) => Finding;
}

/** Findings about a subject. */
export function findingsOf(subject: string): Findings {
  return {
    ok: (check, what) => ({ subject, check, verdict: 'ok', what, toDo: '' }),
    warn: (check, what, toDo) => ({ subject, check, verdict: 'warn', what, toDo }),
    fail: (check, what, toDo) => ({ subject, check, verdict: 'fail', what, toDo }),
  };
}

/** Whether nothing failed. */
export function isSound(findings: readonly Finding[]): boolean {
  return findings.every(({ verdict }) => verdict !== 'fail');
}

/** The message of whatever was thrown. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
