/* eslint-disable @typescript-eslint/no-non-null-assertion --
   `?? 0` on reads in loops was measured to slow the whole scan. */
/**
 * Takes object after object of a feed without secrets: scans each, copies what leaves of it behind
 * the one before, notes a row. It takes the ordinary object only and leaves everything else, from
 * the first such one on, to the general way: an object of another type than the feed's, without a
 * name, in doubt, incomplete, too large, or in a wrapper that is written in another way. So a
 * batch never refuses anything, and what is full (rows, bytes) ends it before anything is lost.
 */
import { batchBytes, batchRows, changes, place, placeCount, slot } from './kernel.ts';
import type { Batch, BatchFeed, Borrower, ScanKernel } from './kernel.ts';

const nothing = Buffer.alloc(0);

/** What precedes the object in a line that is taken; index as in `changes`. */
const prefixes = changes.map((change) =>
  Buffer.from(change === undefined ? '' : `{"type":"${change.toUpperCase()}","object":`),
);
/** The letter of the type that tells them apart. */
const typeLetterAt = '{"type":"'.length;
const firstLetters = changes.map((change) => change?.toUpperCase().charCodeAt(0));

/** Spans that rows repeat, and where. */
const spanSlots = [slot.name, slot.namespace, slot.uid, slot.resourceVersion, slot.annotations];
const spanPlaces = [
  place.name,
  place.namespace,
  place.uid,
  place.resourceVersion,
  place.annotations,
];

/** How a batch ended. */
type BatchEnd = Pick<Batch, 'next' | 'isFull' | 'isBeforeItem'>;

/** The parts of a kernel that a batch is made with. */
export type BatchSource = Pick<ScanKernel, 'raw' | 'fields' | 'scanObject'>;

/** The batches of the TypeScript kernel; `assembly/batch.ts` is the twin. */
export class ObjectBatcher {
  /** Set before the first batch. */
  feed: BatchFeed | undefined;
  readonly #kernel: BatchSource;
  readonly #rows = new Int32Array(batchRows * placeCount);
  /** Where batches go; made with the first of them. */
  #out: Buffer = nothing;
  #borrower: Borrower | undefined;
  #outBytes = 0;
  #count = 0;
  /** The last object did not fit behind others. */
  #isOutFull = false;

  constructor(kernel: BatchSource) {
    this.#kernel = kernel;
  }

  /** See {@link ScanKernel.takeLines}. */
  takeLines(from: number, end: number): Batch {
    const { raw } = this.#kernel;
    this.#begin();
    let p = from;
    while (this.#count < batchRows) {
      const change = this.#changeAt(p);
      if (change === 0) break;
      const start = p + (prefixes[change]?.length ?? 0);
      if (raw[start] !== 0x7b) break;
      if (this.#kernel.scanObject(start, end, 'lineOutline') !== 'complete') break;
      const behind = this.#field(slot.end);
      const isLine = raw[behind] === 0x7d && raw[behind + 1] === 0x0a;
      if (!isLine || !this.#take(start, behind, change)) break;
      p = behind + 2;
    }
    return this.#batch({ next: p, isFull: this.#isFull(), isBeforeItem: false });
  }

  /** See {@link ScanKernel.takeItems}. */
  takeItems(from: number, end: number): Batch {
    const { raw } = this.#kernel;
    this.#begin();
    let p = from;
    while (this.#count < batchRows) {
      if (this.#kernel.scanObject(p, end, 'outline') !== 'complete') break;
      const behind = this.#field(slot.end);
      if (!this.#take(p, behind, 0)) break;
      if (raw[behind] !== 0x2c || raw[behind + 1] !== 0x7b) {
        return this.#batch({ next: behind, isFull: false, isBeforeItem: false });
      }
      p = behind + 1;
    }
    return this.#batch({ next: p, isFull: this.#isFull(), isBeforeItem: true });
  }

  #isFull(): boolean {
    return this.#isOutFull || this.#count === batchRows;
  }

  /** See {@link ScanKernel.lend}. */
  lend(borrower: Borrower): void {
    this.#borrower = borrower;
  }

  #begin(): void {
    this.#borrower?.keep();
    this.#borrower = undefined;
    this.#count = 0;
    this.#outBytes = 0;
    this.#isOutFull = false;
  }

  #batch(end: BatchEnd): Batch {
    const count = this.#count;
    const bytes = this.#out.subarray(0, this.#outBytes);
    return { ...end, count, bytes, rows: this.#rows.subarray(0, count * placeCount) };
  }

  /** Index into `changes` of the line at `p`; 0 for another one. */
  #changeAt(p: number): number {
    const { raw } = this.#kernel;
    const change = firstLetters.indexOf(raw[p + typeLetterAt]);
    const prefix = change > 0 ? prefixes[change] : undefined;
    return prefix !== undefined && isTextAt(raw, p, prefix) ? change : 0;
  }

  #take(start: number, end: number, change: number): boolean {
    const { feed } = this;
    if (feed === undefined || end - start > feed.maxObjectBytes) return false;
    if (this.#field(slot.name + 1) <= this.#field(slot.name)) return false;
    const head = this.#missingHead(feed);
    if (head === undefined) return false;
    const isCut = feed.managedFields === 'cut' && this.#field(slot.managedFields) >= 0;
    const cutStart = isCut ? this.#field(slot.managedFields) : end;
    const cutEnd = isCut ? this.#field(slot.managedFields + 1) : end;
    const size = head.length + end - start - (cutEnd - cutStart);
    if (this.#outBytes + size > batchBytes) {
      this.#isOutFull = this.#count > 0;
      return false;
    }
    if (this.#out.length === 0) this.#out = Buffer.allocUnsafeSlow(batchBytes);
    this.#copy(start, head, cutStart);
    if (isCut)
      this.#out.set(this.#kernel.raw.subarray(cutEnd, end), this.#outBytes + size - (end - cutEnd));
    this.#note(this.#outBytes + head.length - start, { start: cutStart, bytes: cutEnd - cutStart });
    const row = this.#count * placeCount;
    this.#rows[row + place.object] = this.#outBytes;
    this.#rows[row + place.object + 1] = this.#outBytes + size;
    this.#rows[row + place.plain] = this.#field(slot.plain);
    this.#rows[row + place.change] = change;
    this.#rows[row + place.scrubbedValues] = 0;
    this.#outBytes += size;
    this.#count++;
    return true;
  }

  /** The object up to its cut, with what its head lacks. */
  #copy(start: number, head: Buffer, cutStart: number): void {
    const { raw } = this.#kernel;
    const out = this.#outBytes;
    if (head.length === 0) {
      this.#out.set(raw.subarray(start, cutStart), out);
      return;
    }
    this.#out[out] = 0x7b;
    this.#out.set(head, out + 1);
    this.#out.set(raw.subarray(start + 1, cutStart), out + 1 + head.length);
  }

  /** What the object must get to name the feed's type; undefined when it names another one. */
  #missingHead(feed: BatchFeed): Buffer | undefined {
    const kind = this.#field(slot.kind);
    const apiVersion = this.#field(slot.apiVersion);
    if (kind < 0 && apiVersion < 0) return feed.head;
    return this.#isText(slot.kind, feed.kind) && this.#isText(slot.apiVersion, feed.apiVersion)
      ? nothing
      : undefined;
  }

  #isText(id: typeof slot.kind | typeof slot.apiVersion, text: Buffer): boolean {
    const start = this.#field(id);
    return (
      start >= 0 &&
      this.#field(id + 1) - start === text.length &&
      isTextAt(this.#kernel.raw, start, text)
    );
  }

  /** Writes the spans of the row as positions of what leaves. */
  #note(shift: number, cut: { readonly start: number; readonly bytes: number }): void {
    const { fields } = this.#kernel;
    const rows = this.#rows;
    const row = this.#count * placeCount;
    for (let i = 0; i < spanSlots.length; i++) {
      const from = spanSlots[i]!;
      const to = row + spanPlaces[i]!;
      const start = fields[from]!;
      const moved = start >= cut.start ? shift - cut.bytes : shift;
      rows[to] = start < 0 ? -1 : start + moved;
      rows[to + 1] = start < 0 ? -1 : fields[from + 1]! + moved;
    }
  }

  #field(id: number): number {
    return this.#kernel.fields[id] ?? -1;
  }
}

function isTextAt(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}
