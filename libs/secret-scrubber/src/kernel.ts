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

/**
 * How values are checked that are only passed over: `strict`, every byte, or by their `outline`
 * (`outline.ts`), which is enough where nothing has to be found in them. With `lineOutline` the text
 * ends at a line feed, wherever that stands.
 */
export type Checking = 'strict' | 'outline' | 'lineOutline';

/**
 * Numbers of a row, which says where things stand in an object that has been copied out. A span is
 * two of them, start and end, -1 while absent; positions are those of the bytes that the row goes
 * with. Spans of strings exclude the quotes. The first five are in the order of `ObjectStretches`.
 */
export const place = {
  resourceVersion: 0,
  namespace: 2,
  name: 4,
  uid: 6,
  object: 8,
  /** As `slot.plain`, by the same bits. */
  plain: 10,
  /** Index into `changes`; only of a watch line. */
  change: 11,
  annotations: 12,
  scrubbedValues: 14,
} as const;

/** Numbers per row. */
export const placeCount = 16;

/** Event types of the lines that batches take, by the number in their rows. */
export const changes = [undefined, 'added', 'modified', 'deleted'] as const;

/** Most objects in a batch: of the smallest, more than a chunk of a socket has. */
export const batchRows = 256;
/**
 * Most bytes of a batch as they leave: a chunk of a socket (64 KiB) with what was carried before it.
 * They are kept as long as any object of them is.
 */
export const batchBytes = 128 * 1024;
/** Room for the texts of a {@link BatchFeed}. */
export const feedTextBytes = 512;

/** What a batch must know of its feed. */
export interface BatchFeed {
  readonly kind: Buffer;
  readonly apiVersion: Buffer;
  /** Both as members with commas behind, for objects that name neither. */
  readonly head: Buffer;
  readonly managedFields: 'cut' | 'kept';
  /** Larger ones end the batch. */
  readonly maxObjectBytes: number;
}

/**
 * Objects that were taken one after another, in order, until one was not for a batch to take: that
 * one and all behind it are still to be read, from `next` on.
 */
export interface Batch {
  readonly count: number;
  /** Position behind the last object taken and what separates it from the next. */
  readonly next: number;
  /** It ended because it was full: another one may go on at once. */
  readonly isFull: boolean;
  /** Of items: an item must start at `next`; else it is what follows an item. */
  readonly isBeforeItem: boolean;
  /** The objects as they leave; the kernel's memory, as said at {@link ScanKernel.lend}. */
  readonly bytes: Buffer;
  /** `placeCount` numbers per object; the kernel's memory, too. */
  readonly rows: Int32Array;
}

/** Somebody who reads a batch where the kernel has put it. */
export interface Borrower {
  /** The memory is about to be used again: take a copy now, if it is still needed. */
  keep(): void;
}

/** One byte scan; shared by all scanners of a thread, so nothing may stay loaded between calls. */
export interface ScanKernel {
  readonly name: KernelName;
  /** What is loaded, then a zero byte. Another object after each `load`. */
  readonly bytes: Buffer;
  /** The same memory as a plain array, whose methods cost less than a Buffer's. */
  readonly raw: Uint8Array;
  /** Results of the last scan by {@link slot}. Another object after each `load`. */
  readonly fields: Int32Array;
  /** Copies the parts in, one behind the other, from position 0 on. */
  load(...parts: readonly Uint8Array[]): void;
  /** Walks the object that starts at `start`; the byte at `end` must be 0. */
  scanObject(start: number, end: number, checking: Checking): ScanStatus;
  /** Tells whose objects the next batches take. */
  setFeed(feed: BatchFeed): void;
  /**
   * Takes lines of a watch from `from` on: `{"type":"ADDED","object":{...}}` (or `MODIFIED` or
   * `DELETED`) and a line feed, to the byte, with an object of the feed's own type. The byte at `end`
   * must be 0. Only for feeds in which nothing is secret.
   */
  takeLines(from: number, end: number): Batch;
  /** As `takeLines`, for items of a list: objects of the feed's type, one comma between. */
  takeItems(from: number, end: number): Batch;
  /**
   * Leaves the memory of the last batch to the borrower, until the next batch is taken, by whichever
   * scanner, or until the kernel's memory moves: `keep` is called right before.
   */
  lend(borrower: Borrower): void;
  /**
   * Overwrites all that was loaded with zeros. What batches copied out has left and is no secret: it
   * stays until the next batch.
   */
  wipe(): void;
}
