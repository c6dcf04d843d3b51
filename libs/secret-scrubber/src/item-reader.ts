/**
 * Reads the items of a list one after another. An item that lies whole in a slice is scanned in
 * place; one that crosses the border, or is held back, is carried until its last byte, so that all of
 * it is checked; one that grows too large is only counted through to its end.
 */
import { batchReaderOf } from './batch-reader.ts';
import type { BatchReader } from './batch-reader.ts';
import { Carry } from './carry.ts';
import { JsonWalker } from './json-walker.ts';
import { scanStatuses, slot } from './kernel.ts';
import type { Checking, ScanKernel, ScanStatus } from './kernel.ts';
import { malformedList } from './list-envelope.ts';
import { ObjectTaker } from './scanned-object.ts';
import type { ResolvedScannerOptions } from './scanner-options.ts';
import type { ListScanEvent } from './scanner.ts';
import { ValueFramer } from './value-framer.ts';
import { WrappedObjectScanner } from './wrapped-object.ts';

/** How the array is called: `items` are the objects, `rows` (of a Table) have the objects inside. */
export type ItemShape = 'items' | 'rows';

/** What the scan of one item says. */
interface ItemScan {
  readonly status: ScanStatus;
  /** Position behind the item, when `complete`. */
  readonly end: number;
  /** Where the object starts; -1 when a row ended before it. */
  readonly objectStart: number;
}

/** Reader of one array. */
export class ItemReader {
  readonly #kernel: ScanKernel;
  readonly #maxObjectBytes: number;
  readonly #checking: Checking;
  readonly #batches: BatchReader | undefined;
  readonly #taker: ObjectTaker;
  readonly #rows: WrappedObjectScanner;
  readonly #walker = new JsonWalker();
  readonly #framer = new ValueFramer();
  readonly #carry = new Carry();
  #isLoaded = false;
  #isInside = false;
  /** The event that is reported when an item that grew too large is over. */
  #tooLarge: ListScanEvent | undefined;
  #shape: ItemShape = 'items';

  constructor(kernel: ScanKernel, options: ResolvedScannerOptions) {
    this.#kernel = kernel;
    this.#maxObjectBytes = options.maxObjectBytes;
    this.#taker = new ObjectTaker(kernel, options);
    this.#checking = options.checking;
    this.#rows = new WrappedObjectScanner(kernel, options.checking);
    this.#batches = batchReaderOf(kernel, options);
  }

  /** The next byte belongs to an item that began in an earlier slice. */
  get isInside(): boolean {
    return this.#isInside;
  }

  /** Tells that another slice follows, which the kernel does not hold yet. */
  nextSlice(): void {
    this.#isLoaded = false;
  }

  /**
   * Reads the item that starts at `from`, as far as it is there, and of a batch those behind it that
   * are whole; returns the position behind what was read.
   * @throws ScrubberError `malformed` when it is not a JSON object.
   */
  start(shape: ItemShape, slice: Buffer, from: number, events: ListScanEvent[]): number {
    if (slice[from] !== 0x7b) throw malformedList('an item is no object');
    this.#shape = shape;
    if (!this.#isLoaded) this.#kernel.load(slice);
    this.#isLoaded = true;
    let at = from;
    if (shape === 'items' && this.#batches !== undefined) {
      const { next, isBeforeItem } = this.#batches.takeItems({ from, end: slice.length, events });
      if (!isBeforeItem) return next;
      at = next;
    }
    const scan = this.#scan(at, slice.length);
    if (scan.status === 'complete') {
      events.push(this.#objectEvent(scan));
      return scan.end;
    }
    this.#framer.begin();
    this.#isInside = true;
    return this.resume(slice, at, events);
  }

  /** Reads on in an item that began earlier; returns the position behind what belongs to it. */
  resume(slice: Buffer, from: number, events: ListScanEvent[]): number {
    const end = this.#framer.advance(slice, from);
    const to = end < 0 ? slice.length : end;
    if (this.#tooLarge === undefined) this.#carryOn(slice.subarray(from, to));
    if (end >= 0) this.#endItem(events);
    return to;
  }

  /** The body is over: @throws ScrubberError `malformed` when the item at its end is not JSON. */
  finish(): void {
    if (this.#isInside && this.#tooLarge === undefined) this.#scanCarried();
  }

  /** The items found so far are not needed any more. */
  release(): void {
    this.#batches?.release();
  }

  /** Overwrites what is carried. */
  wipe(): void {
    this.#carry.clear();
  }

  #carryOn(bytes: Buffer): void {
    const room = this.#maxObjectBytes - this.#carry.length;
    this.#carry.append(bytes.subarray(0, room));
    if (bytes.length <= room) return;
    const { status, objectStart } = this.#scanCarried();
    const isOnlyLarge = status === 'incomplete' || status === 'complete';
    this.#tooLarge = this.#taker.refuse(isOnlyLarge ? 'tooLarge' : status, objectStart >= 0);
    this.#carry.clear();
  }

  #endItem(events: ListScanEvent[]): void {
    events.push(this.#tooLarge ?? this.#carriedEvent());
    this.#carry.clear();
    this.#tooLarge = undefined;
    this.#isInside = false;
  }

  #carriedEvent(): ListScanEvent {
    const scan = this.#scanCarried();
    if (scan.status === 'complete' && scan.end === this.#carry.length) {
      return this.#objectEvent(scan);
    }
    if (scan.status === 'complete' || scan.status === 'incomplete' || !this.#isCarriedJson()) {
      throw malformedList('an item is not JSON');
    }
    return this.#taker.refuse(scan.status, scan.objectStart >= 0);
  }

  /** Whether an item that is held back is JSON to its end, as far as that can be told. */
  #isCarriedJson(): boolean {
    this.#walker.bytes = this.#carry.bytes;
    this.#walker.limit = this.#carry.length;
    if (this.#walker.skipValue(0) === this.#carry.length) return true;
    const fault = scanStatuses[this.#walker.fault];
    return fault === 'tooDeep' || fault === 'invalidUtf8';
  }

  #scanCarried(): ItemScan {
    this.#kernel.load(this.#carry.content());
    this.#isLoaded = false;
    return this.#scan(0, this.#carry.length);
  }

  #scan(start: number, limit: number): ItemScan {
    const scan = this.#shape === 'rows' ? this.#rows.scan(start, limit) : this.#plain(start, limit);
    if (scan.status === 'malformed') throw malformedList('an item is not JSON');
    return scan;
  }

  #plain(start: number, limit: number): ItemScan {
    const status = this.#kernel.scanObject(start, limit, this.#checking);
    return { status, end: this.#kernel.fields[slot.end] ?? -1, objectStart: start };
  }

  #objectEvent(scan: ItemScan): ListScanEvent {
    const object = this.#taker.take(scan.objectStart);
    if (object === 'malformed') throw malformedList('an item is not JSON');
    return typeof object === 'string'
      ? this.#taker.refuse(object, true)
      : { kind: 'object', object };
  }
}
