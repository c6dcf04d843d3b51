/**
 * Runs a scanner over a body cut into chunks and tells all that came out in a form that can be
 * compared: objects as text, a thrown fault as its code.
 */
import { ScrubberError, createListScanner, createWatchScanner } from '../src/index.ts';
import type { ListScanEvent, Scanner, ScannerOptions, WatchScanEvent } from '../src/index.ts';

/** All that a body led to. */
export interface Outcome {
  readonly events: readonly unknown[];
  /** Code of the fault, `''` when there was none. */
  readonly fault: string;
}

/** Cuts a body at the given fractions of its length. */
export function chunksOf(body: Buffer, cuts: readonly number[]): Buffer[] {
  const borders = [...cuts.map((cut) => Math.floor(cut * body.length)), body.length];
  borders.sort((a, b) => a - b);
  return borders.map((to, index) => body.subarray(borders[index - 1] ?? 0, to));
}

/** Reads a watch body to its end. */
export function watchOutcome(options: ScannerOptions, chunks: readonly Buffer[]): Outcome {
  return outcomeOf(createWatchScanner(options), chunks);
}

/** Reads a list body to its end. */
export function listOutcome(options: ScannerOptions, chunks: readonly Buffer[]): Outcome {
  return outcomeOf(createListScanner(options), chunks);
}

/** Code of the fault that an action throws; `''` when it throws none. */
export function faultOf(act: () => unknown): string {
  try {
    act();
    return '';
  } catch (fault: unknown) {
    if (!(fault instanceof ScrubberError)) throw fault;
    return fault.code;
  }
}

function outcomeOf(
  scanner: Scanner<ListScanEvent | WatchScanEvent>,
  chunks: readonly Buffer[],
): Outcome {
  const events: unknown[] = [];
  const take = (found: readonly (ListScanEvent | WatchScanEvent)[]) => {
    for (const event of found) events.push(readable(event));
  };
  try {
    for (const chunk of chunks) take(scanner.push(Buffer.from(chunk)));
    take(scanner.end());
    return { events, fault: '' };
  } catch (fault: unknown) {
    if (!(fault instanceof ScrubberError)) throw fault;
    return { events, fault: fault.code };
  } finally {
    scanner.dispose();
  }
}

function readable(event: ListScanEvent | WatchScanEvent): unknown {
  if (!('object' in event)) {
    const { kind, ...rest } = event;
    return { event: kind, ...rest };
  }
  const { object } = event;
  return {
    event: event.kind,
    text: Buffer.from(object.bytes).toString('utf8'),
    annotations: Object.fromEntries(object.annotations),
    apiVersion: object.apiVersion,
    kind: object.kind,
    namespace: object.namespace,
    name: object.name,
    uid: object.uid,
    resourceVersion: object.resourceVersion,
    scrubbedValues: object.scrubbedValues,
  };
}
