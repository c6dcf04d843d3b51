/**
 * Reads a watch body: one event per line. A line feed stands inside no JSON string, so the lines
 * are found without looking at the JSON, and a broken line spoils only itself.
 */
import { batchReaderOf } from './batch-reader.ts';
import type { BatchReader } from './batch-reader.ts';
import { Carry } from './carry.ts';
import { guardScanner } from './guarded-scanner.ts';
import type { BodyReader } from './guarded-scanner.ts';
import type { ScanKernel, ScanStatus } from './kernel.ts';
import { slot } from './kernel.ts';
import { ObjectTaker } from './scanned-object.ts';
import { wantedKeys } from './member-reader.ts';
import { resolveScannerOptions } from './scanner-options.ts';
import type { ResolvedScannerOptions } from './scanner-options.ts';
import type { Scanner, ScannerOptions, UnscannableReason, WatchScanEvent } from './scanner.ts';
import { ScrubberError } from './scrubber-error.ts';
import { selectKernel } from './select-kernel.ts';
import { StatusReader } from './status-reader.ts';
import { WrappedObjectScanner } from './wrapped-object.ts';
import type { WrappedScan } from './wrapped-object.ts';

const lineFeed = 0x0a;
/** What a line may hold beside its object: `{"type":"MODIFIED","object":` and white space. */
const envelopeBytes = 4096;
/** Set by the server on the bookmark that ends the initial events of a streaming list (KEP-3157). */
const initialEventsEndKey = 'k8s.io/initial-events-end';
const bookmarkKeys = wantedKeys([initialEventsEndKey]);

const objectEventKinds = { ADDED: 'added', MODIFIED: 'modified', DELETED: 'deleted' } as const;

/**
 * Makes a scanner for the body of a watch request. A malformed line becomes `unscannable`; only a
 * body that stops in the middle of a line throws, from `end`.
 * @throws ScrubberError `invalidOptions`.
 */
export function createWatchScanner(options: ScannerOptions): Scanner<WatchScanEvent> {
  const resolved = resolveScannerOptions(options);
  const kernel = selectKernel(resolved.kernel);
  return guardScanner(new WatchReader(kernel, resolved), {
    kernel,
    maxObjectBytes: resolved.maxObjectBytes,
    wipeChunks: resolved.wipeChunks,
  });
}

class WatchReader implements BodyReader<WatchScanEvent> {
  readonly #kernel: ScanKernel;
  readonly #maxObjectBytes: number;
  readonly #taker: ObjectTaker;
  readonly #lines: WrappedObjectScanner;
  readonly #batches: BatchReader | undefined;
  readonly #statuses = new StatusReader();
  readonly #carry = new Carry();
  /** The rest of the current line is not wanted any more. */
  #isSkipping = false;

  constructor(kernel: ScanKernel, options: ResolvedScannerOptions) {
    this.#kernel = kernel;
    this.#maxObjectBytes = options.maxObjectBytes;
    this.#taker = new ObjectTaker(kernel, options);
    this.#lines = new WrappedObjectScanner(kernel, options.checking);
    this.#batches = batchReaderOf(kernel, options);
  }

  read(slice: Buffer, events: WatchScanEvent[]): void {
    const to = slice.indexOf(lineFeed);
    if (to < 0) {
      this.#carryOn(slice, events);
    } else if (this.#isSkipping || to > this.#room()) {
      this.#endCarriedLine(slice.subarray(0, to), events);
      this.read(slice.subarray(to + 1), events);
    } else {
      const carried = this.#carry.length;
      this.#kernel.load(this.#carry.content(), slice);
      this.#carry.clear();
      const last = slice.lastIndexOf(lineFeed);
      this.#readLines(carried + last, carried + slice.length, events);
      this.#carryOn(slice.subarray(last + 1), events);
    }
  }

  /** Reads the lines of what is loaded, of which the last ends at `last`; more may be behind. */
  #readLines(last: number, end: number, events: WatchScanEvent[]): void {
    let from = 0;
    while (from <= last) {
      from = this.#batches?.takeLines({ from, end, events }) ?? from;
      if (from > last) return;
      const to = this.#kernel.bytes.indexOf(lineFeed, from);
      this.#kernel.bytes[to] = 0;
      this.#readLine(from, to, events);
      from = to + 1;
    }
  }

  finish(events: WatchScanEvent[]): void {
    if (this.#isSkipping) throw truncated();
    this.#kernel.load(this.#carry.content());
    const end = this.#carry.length;
    const start = this.#skipSpace(0);
    if (start === end) return;
    // The last line may lack its line feed; its closing bracket says that it is whole.
    if (this.#lines.scan(start, end).status !== 'complete') throw truncated();
    this.#readLine(0, end, events);
  }

  release(): void {
    this.#batches?.release();
  }

  wipe(): void {
    this.#carry.clear();
  }

  #endCarriedLine(rest: Buffer, events: WatchScanEvent[]): void {
    this.#carryOn(rest, events);
    if (!this.#isSkipping) {
      this.#kernel.load(this.#carry.content());
      this.#readLine(0, this.#carry.length, events);
    }
    this.#carry.clear();
    this.#isSkipping = false;
  }

  /** Keeps bytes of an unfinished line, as long as it may still become an event. */
  #carryOn(bytes: Buffer, events: WatchScanEvent[]): void {
    if (this.#isSkipping) return;
    const room = this.#room();
    this.#carry.append(bytes.subarray(0, room));
    if (bytes.length <= room) return;
    this.#kernel.load(this.#carry.content());
    const scan = this.#lines.scan(this.#skipSpace(0), this.#carry.length);
    const reason = scan.status === 'complete' ? 'malformed' : reasonOf(scan.status, 'tooLarge');
    events.push(this.#taker.refuse(reason, scan.objectStart >= 0));
    this.#carry.clear();
    this.#isSkipping = true;
  }

  /** Bytes that the line at the end of what is carried may still get. */
  #room(): number {
    return this.#maxObjectBytes + envelopeBytes - this.#carry.length;
  }

  /** Reads the line between the positions of the kernel's window; a 0 stands at its end. */
  #readLine(from: number, end: number, events: WatchScanEvent[]): void {
    const start = this.#skipSpace(from);
    if (start === end) return;
    const scan = this.#lines.scan(start, end);
    events.push(this.#eventOf(scan, end));
  }

  #eventOf(scan: WrappedScan, lineEnd: number): WatchScanEvent {
    const isScanned = scan.objectStart >= 0;
    if (scan.status !== 'complete') {
      return this.#taker.refuse(reasonOf(scan.status, 'malformed'), isScanned);
    }
    if (this.#skipSpace(scan.end) !== lineEnd) return this.#taker.refuse('malformed', isScanned);
    const objectBytes = (this.#kernel.fields[slot.end] ?? 0) - scan.objectStart;
    if (objectBytes > this.#maxObjectBytes) return this.#taker.refuse('tooLarge', isScanned);
    switch (scan.type) {
      case 'ADDED':
      case 'MODIFIED':
      case 'DELETED':
        return this.#objectEvent(objectEventKinds[scan.type], scan.objectStart);
      case 'BOOKMARK':
        return this.#bookmark();
      case 'ERROR':
        return this.#error(scan.objectStart);
      default:
        return this.#taker.refuse('malformed', isScanned);
    }
  }

  #objectEvent(kind: 'added' | 'modified' | 'deleted', start: number): WatchScanEvent {
    const object = this.#taker.take(start);
    return typeof object === 'string' ? this.#taker.refuse(object, true) : { kind, object };
  }

  #bookmark(): WatchScanEvent {
    const resourceVersion = this.#taker.resourceVersion();
    if (resourceVersion === '') return this.#taker.refuse('badIdentity', true);
    const annotations = this.#taker.annotations(bookmarkKeys);
    const initialEventsEnd = annotations.get(initialEventsEndKey) === 'true';
    return { kind: 'bookmark', resourceVersion, initialEventsEnd };
  }

  #error(start: number): WatchScanEvent {
    if (this.#taker.ownKind() !== 'Status') return this.#taker.refuse('malformed', true);
    const limit = this.#kernel.fields[slot.end] ?? 0;
    return this.#statuses.read('error', { bytes: this.#kernel.bytes, start, limit });
  }

  #skipSpace(from: number): number {
    const bytes = this.#kernel.bytes;
    let p = from;
    while (bytes[p] === 0x20 || bytes[p] === 0x0d || bytes[p] === 0x09) p++;
    return p;
  }
}

/** A whole line that ends too early is malformed; one that was cut for its size is too large. */
function reasonOf(
  status: Exclude<ScanStatus, 'complete'>,
  whenIncomplete: UnscannableReason,
): UnscannableReason {
  return status === 'incomplete' ? whenIncomplete : status;
}

function truncated(): ScrubberError {
  return new ScrubberError('truncated', 'the watch body stopped inside an event');
}
