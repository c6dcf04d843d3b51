/**
 * The inner interface that both byte scans implement. A kernel walks one object strictly, once,
 * and notes positions; it never makes a string and never decides. What is done with the positions
 * is written once for both, in `scanned-object.ts`.
 */
import type { KernelName, UnscannableReason } from './scanner.ts';

/**
 * How a scan ended. `incomplete`: the bytes stopped before the object did; `malformed`: not JSON;
 * the others are reasons to hold a well-formed object back.
 */
export type ScanStatus = 'complete' | 'incomplete' | UnscannableReason;

/** {@link ScanStatus} by the number that the kernels return; the same in `assembly/layout.ts`. */
export const scanStatuses = [
  'complete',
  'incomplete',
  'malformed',
  'tooDeep',
  'duplicateKey',
  'invalidUtf8',
  'badIdentity',
] as const satisfies readonly ScanStatus[];

/**
 * Brackets that may be open inside one member: as many as Go's JSON decoder, and so the API server,
 * accepts (https://pkg.go.dev/encoding/json, `maxNestingDepth`).
 */
export const maxDepth = 10_000;

/**
 * Result slots of a scan. A span is two slots, start and end, -1 while absent. Spans of strings
 * exclude the quotes. `managedFields`, `lastApplied`, `data` and `stringData` are cuts: the member
 * with one comma and the white space up to its neighbour.
 */
export const slot = {
  /** Position behind the object, or of the byte where the scan stopped. */
  end: 0,
  /** Bit n is set when the string of slot n is ASCII without escapes. */
  plain: 1,
  apiVersion: 2,
  kind: 4,
  name: 6,
  namespace: 8,
  uid: 10,
  resourceVersion: 12,
  annotations: 14,
  managedFields: 16,
  lastApplied: 18,
  data: 20,
  stringData: 22,
  /** Members of `data` and `stringData` together. */
  values: 24,
  metadata: 26,
} as const;

/** Number of result slots. */
export const slotCount = 28;

/** One byte scan; shared by all scanners of a thread, so nothing may stay loaded between calls. */
export interface ScanKernel {
  readonly name: KernelName;
  /** What is loaded, then a zero byte. Another object after each `load`. */
  readonly bytes: Buffer;
  /** The same memory as a plain array, whose methods cost less than a Buffer's. */
  readonly raw: Uint8Array;
  /** Results of the last scan by {@link slot}. Another object after each `load`. */
  readonly fields: Int32Array;
  /** Copies the bytes in, to position 0. */
  load(bytes: Uint8Array): void;
  /** Walks the object that starts at `start`; the byte at `end` must be 0. */
  scanObject(start: number, end: number): ScanStatus;
  /** Overwrites all that was loaded with zeros. */
  wipe(): void;
}
