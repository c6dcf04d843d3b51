/**
 * Reads a list body while it arrives, byte by byte around the items and item by item inside them.
 * What each member means is said in `list-envelope.ts`, how an item is read in `item-reader.ts`.
 */
import { Carry } from './carry.ts';
import { guardScanner } from './guarded-scanner.ts';
import type { BodyReader } from './guarded-scanner.ts';
import { ItemReader } from './item-reader.ts';
import type { ItemShape } from './item-reader.ts';
import type { ScanKernel } from './kernel.ts';
import { ListEnvelope, malformedList } from './list-envelope.ts';
import type { Text } from './member-reader.ts';
import { resolveScannerOptions } from './scanner-options.ts';
import type { ResolvedScannerOptions } from './scanner-options.ts';
import type { ListScanEvent, Scanner, ScannerOptions } from './scanner.ts';
import { ScrubberError } from './scrubber-error.ts';
import { selectKernel } from './select-kernel.ts';
import { ValueFramer } from './value-framer.ts';

/** Largest member beside the items: column definitions and error texts are a few KiB. */
const largestMemberBytes = 1024 * 1024;

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * What the next byte that is no white space must be. `open`: the brace of the body; `firstMember`:
 * a key or the closing brace; `member`: a key; `key` and `value`: it goes on with one that began
 * earlier; `firstItem`: an item or the closing bracket; `item`: an item; `closed`: nothing.
 */
type Phase =
  | 'open'
  | 'firstMember'
  | 'member'
  | 'key'
  | 'colon'
  | 'valueStart'
  | 'value'
  | 'afterMember'
  | 'firstItem'
  | 'item'
  | 'afterItem'
  | 'closed';

/**
 * Makes a scanner for the body of a list request: a typed list, a Table (its rows' objects) or a
 * PartialObjectMetadataList. A malformed body throws; an item that is held back does not.
 * @throws ScrubberError `invalidOptions`.
 */
export function createListScanner(options: ScannerOptions): Scanner<ListScanEvent> {
  const resolved = resolveScannerOptions(options);
  const kernel = selectKernel(resolved.kernel);
  return guardScanner(new ListReader(kernel, resolved), {
    kernel,
    maxObjectBytes: resolved.maxObjectBytes,
    wipeChunks: resolved.wipeChunks,
  });
}

class ListReader implements BodyReader<ListScanEvent> {
  readonly #items: ItemReader;
  readonly #envelope: ListEnvelope;
  readonly #framer = new ValueFramer();
  readonly #carry = new Carry();
  #phase: Phase = 'open';
  #key = '';

  constructor(kernel: ScanKernel, options: ResolvedScannerOptions) {
    this.#items = new ItemReader(kernel, options);
    this.#envelope = new ListEnvelope(options.kind);
  }

  read(slice: Buffer, events: ListScanEvent[]): void {
    this.#items.nextSlice();
    let p = 0;
    while (p < slice.length) {
      if (this.#items.isInside) p = this.#items.resume(slice, p, events);
      else if (this.#phase === 'key' || this.#phase === 'value') p = this.#resume(slice, p);
      else if (isSpace(slice[p])) p++;
      else p = this.#step(slice, p, events);
    }
  }

  finish(): void {
    if (this.#phase === 'closed') return;
    this.#items.finish();
    throw new ScrubberError('truncated', 'the list body stopped before its end');
  }

  release(): void {
    this.#items.release();
  }

  wipe(): void {
    this.#carry.clear();
    this.#items.wipe();
  }

  /** Takes the byte at `p`, which is no white space; returns the position to go on from. */
  #step(slice: Buffer, p: number, events: ListScanEvent[]): number {
    const c = slice[p];
    switch (this.#phase) {
      case 'open':
        return this.#expect(c === openBrace, 'firstMember', p);
      case 'firstMember':
        return c === closeBrace ? this.#close(p, events) : this.#startKey(slice, p);
      case 'member':
        return this.#startKey(slice, p);
      case 'colon':
        return this.#expect(c === colon, 'valueStart', p);
      case 'valueStart':
        return this.#startValue(slice, p);
      case 'afterMember':
        if (c === closeBrace) return this.#close(p, events);
        return this.#expect(c === comma, 'member', p);
      case 'firstItem':
        if (c === closeBracket) return this.#expect(true, 'afterMember', p);
        return this.#startItem(slice, p, events);
      case 'item':
        return this.#startItem(slice, p, events);
      case 'afterItem':
        if (c === closeBracket) return this.#expect(true, 'afterMember', p);
        return this.#expect(c === comma, 'item', p);
      case 'key':
      case 'value':
      case 'closed':
        throw malformedList('something follows its end');
    }
  }

  #expect(isThere: boolean, next: Phase, p: number): number {
    if (!isThere) throw malformedList('it is not JSON');
    this.#phase = next;
    return p + 1;
  }

  #close(p: number, events: ListScanEvent[]): number {
    events.push(this.#envelope.close());
    this.#phase = 'closed';
    return p + 1;
  }

  #startKey(slice: Buffer, p: number): number {
    if (slice[p] !== quote) throw malformedList('it is not JSON');
    this.#framer.begin();
    this.#phase = 'key';
    return this.#resume(slice, p);
  }

  #startValue(slice: Buffer, p: number): number {
    if (slice[p] === openBracket && itemShapeOf(this.#key) !== undefined) {
      return this.#expect(true, 'firstItem', p);
    }
    this.#framer.begin();
    this.#phase = 'value';
    return this.#resume(slice, p);
  }

  #startItem(slice: Buffer, p: number, events: ListScanEvent[]): number {
    this.#phase = 'afterItem';
    return this.#items.start(itemShapeOf(this.#key) ?? 'items', slice, p, events);
  }

  /** Carries a key or a member's value to its end. */
  #resume(slice: Buffer, from: number): number {
    const end = this.#framer.advance(slice, from);
    const to = end < 0 ? slice.length : end;
    if (this.#carry.length + to - from > largestMemberBytes) {
      throw malformedList('a member beside the items is too large');
    }
    this.#carry.append(slice.subarray(from, to));
    if (end >= 0) this.#endCarried();
    return to;
  }

  #endCarried(): void {
    const text: Text = { bytes: this.#carry.bytes, start: 0, limit: this.#carry.length };
    if (this.#phase === 'key') {
      this.#key = this.#envelope.meet(text);
      this.#phase = 'colon';
    } else {
      this.#envelope.take(this.#key, text);
      this.#phase = 'afterMember';
    }
    this.#carry.clear();
  }
}

function itemShapeOf(key: string): ItemShape | undefined {
  return key === 'items' || key === 'rows' ? key : undefined;
}

function isSpace(c: number | undefined): boolean {
  return c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;
}
