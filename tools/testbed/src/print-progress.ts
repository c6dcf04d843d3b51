/** Progress lines for people: rewritten in place on a terminal, now and then elsewhere. */

/** As much of a stream as progress needs; `process.stderr` fits. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A place to show progress. */
export interface ProgressPrinter {
  /** Shows a line; fits `StartOptions.onProgress`. */
  readonly show: (line: string) => void;
  /** Clears what is shown in place. */
  readonly end: () => void;
}

/** A log of a ten-minute build should have some twenty lines of it. */
const plainIntervalMs = 30_000;
const clearLine = '\r\u001b[2K';

/**
 * Makes a printer.
 *
 * @param nowMs - milliseconds from any start. @defaultValue performance.now
 */
export function printProgress(
  stream: ProgressStream,
  nowMs: () => number = () => performance.now(),
): ProgressPrinter {
  let lastMs = -Infinity;
  return {
    show: (line) => {
      if (stream.isTTY) {
        stream.write(clearLine + line);
        return;
      }
      if (nowMs() - lastMs < plainIntervalMs) return;
      lastMs = nowMs();
      stream.write(`${line}\n`);
    },
    end: () => {
      if (stream.isTTY) stream.write(clearLine);
    },
  };
}
