/* eslint-disable @typescript-eslint/no-non-null-assertion --
   `?? 0` on the reads below was measured to halve the speed of the whole scan. */
/**
 * The kernel in plain TypeScript: used where WebAssembly is not to be had, and the readable one of
 * the twins (`assembly/scanner.ts` is the other). Only three levels of an object matter: its own
 * members, those of `metadata`, those of `metadata.annotations`; all else is skipped, strictly.
 *
 * Whether the object is a Secret is often known only behind its data, so possible cuts are noted
 * for every object. There are four slots for four members and a key that stands twice is a fault:
 * the notes cannot overflow.
 */
import { lastAppliedKey } from './field-rules.ts';
import { JsonWalker, hexDigit } from './json-walker.ts';
import { scanStatuses, slot, slotCount } from './kernel.ts';
import type { Batch, BatchFeed, Borrower, Checking, ScanKernel, ScanStatus } from './kernel.ts';
import { ObjectBatcher } from './object-batch.ts';
import { inDoubt, outlineEnd } from './outline.ts';
import type { OutlinedText } from './outline.ts';

const malformed = scanStatuses.indexOf('malformed');
const duplicateKey = scanStatuses.indexOf('duplicateKey');
const badIdentity = scanStatuses.indexOf('badIdentity');

/** A window that grew beyond this is given back after use; a usual chunk is 64 KiB. */
const keptWindowBytes = 2 * 1024 * 1024;
const firstWindowBytes = 256 * 1024;
/** Longest decoded key that is compared: more than the 48 bytes of the longest name below. */
const scratchBytes = 64;
const other = -1;

interface Name {
  readonly text: Buffer;
  readonly slot: number;
}

/** Names by their length; most lengths have none, hardly any has two. */
type NamesByLength = readonly (readonly Name[])[];

/**
 * The keys that matter on each level. Letters of `data` and `stringData` are compared without case,
 * as Go's decoder would read them.
 */
const rootNames = byLength({
  kind: slot.kind,
  data: slot.data,
  metadata: slot.metadata,
  apiVersion: slot.apiVersion,
  stringdata: slot.stringData,
});
const metadataNames = byLength({
  uid: slot.uid,
  name: slot.name,
  namespace: slot.namespace,
  annotations: slot.annotations,
  managedFields: slot.managedFields,
  resourceVersion: slot.resourceVersion,
});
const annotationNames = byLength({ [lastAppliedKey]: slot.lastApplied });

function byLength(slots: Readonly<Record<string, number>>): NamesByLength {
  const names = Object.entries(slots).map(([key, id]) => ({ text: Buffer.from(key), slot: id }));
  return Array.from({ length: scratchBytes + 1 }, (_, length) =>
    names.filter((name) => name.text.length === length),
  );
}

/** Makes a kernel with a window of its own. */
export function createTypescriptKernel(): ScanKernel {
  return new TypescriptKernel();
}

class TypescriptKernel extends JsonWalker implements ScanKernel {
  readonly name = 'typescript';
  readonly fields = new Int32Array(slotCount);
  readonly #scratch = Buffer.alloc(scratchBytes);
  override bytes = Buffer.alloc(firstWindowBytes);
  raw = rawOf(this.bytes);
  #text = outlinedText(this.raw);
  readonly #batcher = new ObjectBatcher(this);
  readonly #stop = { at: 0 };
  #byOutline = false;
  #loadedBytes = 0;

  load(...parts: readonly Uint8Array[]): void {
    this.wipe();
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    if (length >= this.bytes.length) this.#resize(2 * length);
    for (const part of parts) {
      this.raw.set(part, this.#loadedBytes);
      this.#loadedBytes += part.length;
    }
  }

  wipe(): void {
    if (this.#loadedBytes > 0) this.raw.fill(0, 0, this.#loadedBytes);
    this.#scratch.fill(0);
    this.#loadedBytes = 0;
    if (this.bytes.length > keptWindowBytes) this.#resize(firstWindowBytes);
  }

  #resize(bytes: number): void {
    this.bytes = Buffer.alloc(bytes);
    this.raw = rawOf(this.bytes);
    this.#text = outlinedText(this.raw);
  }

  setFeed(feed: BatchFeed): void {
    this.#batcher.feed = feed;
  }

  takeLines(from: number, end: number): Batch {
    return this.#batcher.takeLines(from, end);
  }

  takeItems(from: number, end: number): Batch {
    return this.#batcher.takeItems(from, end);
  }

  lend(borrower: Borrower): void {
    this.#batcher.lend(borrower);
  }

  scanObject(start: number, end: number, checking: Checking): ScanStatus {
    this.limit = end;
    this.isOneLine = checking === 'lineOutline';
    this.#byOutline = checking !== 'strict';
    this.fields.fill(-1);
    this.fields[slot.plain] = 0;
    this.fields[slot.values] = 0;
    const p =
      this.at(start) === 0x7b ? this.#members(rootNames, start) : this.fail(start, malformed);
    this.fields[slot.end] = p < 0 ? this.faultAt : p;
    return (p < 0 ? scanStatuses[this.fault] : 'complete') ?? 'malformed';
  }

  /**
   * The members of one of the three levels. `mark` is the end of the member before, kept or cut: a
   * cut starts there, so it takes the comma in front along. With nothing kept before it there is no
   * such comma, and the one behind it goes instead.
   */
  #members(level: NamesByLength, start: number): number {
    const { bytes } = this;
    let mark = start + 1;
    let hasKept = false;
    let p = this.space(mark);
    if (bytes[p] === 0x7d) return p + 1;
    for (;;) {
      const key = p + 1;
      p = this.keyEnd(p);
      if (p < 0) return p;
      const id = this.#keyId(level, key, p - 1);
      p = bytes[p] === 0x3a && bytes[p + 1]! > 0x20 ? p + 1 : this.valueStart(p);
      if (p < 0) return p;
      p = id === other ? this.#valueEnd(p) : this.#memberEnd(id, key, p);
      if (p < 0) return p;
      const isCut = id >= slot.managedFields;
      if (isCut && id !== slot.metadata) this.#putSpan(id, mark, p);
      else hasKept = true;
      mark = p;
      if (bytes[p]! <= 0x20) p = this.space(p);
      const c = bytes[p];
      if (c === 0x7d) return p + 1;
      if (c !== 0x2c) return this.fail(p, malformed);
      p++;
      if (!hasKept) {
        this.fields[id + 1] = p;
        mark = p;
      }
      if (bytes[p]! <= 0x20) p = this.space(p);
    }
  }

  #memberEnd(id: number, key: number, p: number): number {
    if (this.fields[id] !== -1) return this.fail(key, duplicateKey);
    switch (id) {
      case slot.metadata:
      case slot.annotations:
        return this.#nestedEnd(id, p);
      case slot.data:
      case slot.stringData:
        return this.#byOutline ? this.#valueEnd(p) : this.#countedEnd(p);
      case slot.managedFields:
      case slot.lastApplied:
        return this.#valueEnd(p);
      default:
        return this.#identityEnd(id, p);
    }
  }

  /** A value that is only passed over. */
  #valueEnd(p: number): number {
    const c = this.at(p);
    if (!this.#byOutline || (c !== 0x7b && c !== 0x5b)) return this.skipValue(p);
    const end = outlineEnd(this.#text, p, this.#stop);
    if (end !== inDoubt) return end;
    return this.#stop.at < this.limit ? this.skipValue(p) : this.fail(this.#stop.at, malformed);
  }

  #identityEnd(id: number, p: number): number {
    if (this.at(p) !== 0x22) return this.fail(p, badIdentity);
    const end = this.stringEnd(p + 1);
    if (end < 0) return end;
    this.#putSpan(id, p + 1, end - 1);
    if (this.plain) this.fields[slot.plain] = (this.fields[slot.plain] ?? 0) | (1 << id);
    return end;
  }

  /**
   * `metadata` must be an object; `annotations` may also be null, and matter inside only where
   * something may be secret.
   */
  #nestedEnd(id: typeof slot.metadata | typeof slot.annotations, p: number): number {
    this.fields[id] = p;
    let end: number;
    const isObject = this.at(p) === 0x7b;
    if (isObject && id === slot.metadata) end = this.#members(metadataNames, p);
    else if (isObject && this.#byOutline) end = this.#valueEnd(p);
    else if (isObject) end = this.#members(annotationNames, p);
    else if (id === slot.annotations && this.at(p) === 0x6e) end = this.skipValue(p);
    else end = this.fail(p, badIdentity);
    if (end >= 0) this.fields[id + 1] = end;
    return end;
  }

  /** `data` or `stringData`: counts its members; a value of another shape counts as one. */
  #countedEnd(from: number): number {
    if (this.at(from) !== 0x7b) {
      const end = this.skipValue(from);
      if (end >= 0 && this.at(from) !== 0x6e) this.#countValue();
      return end;
    }
    let p = this.space(from + 1);
    if (this.at(p) === 0x7d) return p + 1;
    for (;;) {
      p = this.keyEnd(p);
      if (p < 0) return p;
      p = this.valueStart(p);
      if (p < 0) return p;
      p = this.skipValue(p);
      if (p < 0) return p;
      this.#countValue();
      p = this.space(p);
      const c = this.at(p);
      if (c === 0x7d) return p + 1;
      if (c !== 0x2c) return this.fail(p, malformed);
      p = this.space(p + 1);
    }
  }

  #countValue(): void {
    this.fields[slot.values] = (this.fields[slot.values] ?? 0) + 1;
  }

  #putSpan(id: number, start: number, end: number): void {
    this.fields[id] = start;
    this.fields[id + 1] = end;
  }

  #keyId(level: NamesByLength, start: number, end: number): number {
    if (this.plain) return idOf(level, this.bytes, start, end - start);
    const length = this.#unescapeKey(start, end);
    return length < 0 ? other : idOf(level, this.#scratch, 0, length);
  }

  /** Writes an escaped key out; -1 when it cannot be any of the names looked for. */
  #unescapeKey(start: number, end: number): number {
    let length = 0;
    let p = start;
    while (p < end) {
      let c = this.at(p);
      if (length === scratchBytes || c >= 0x80) return -1;
      if (c === 0x5c) {
        c = this.#escapedCode(p);
        if (c < 0) return -1;
        p += this.at(p + 1) === 0x75 ? 6 : 2;
      } else {
        p++;
      }
      this.#scratch[length++] = c;
    }
    return length;
  }

  /** The ASCII code that a checked escape stands for; -1 for control and non-ASCII ones. */
  #escapedCode(p: number): number {
    const c = this.at(p + 1);
    if (c === 0x22 || c === 0x5c || c === 0x2f) return c;
    if (c !== 0x75 || this.at(p + 2) !== 0x30 || this.at(p + 3) !== 0x30) return -1;
    const high = hexDigit(this.at(p + 4));
    return high < 2 || high > 7 ? -1 : (high << 4) | hexDigit(this.at(p + 5));
  }
}

function idOf(level: NamesByLength, bytes: Buffer, start: number, length: number): number {
  const names = level[length];
  if (names === undefined) return other;
  for (const name of names) if (isSame(bytes, start, name)) return name.slot;
  return other;
}

/** Bit 0x20 tells a small ASCII letter from a capital one; see `rootNames`. */
function isSame(bytes: Buffer, start: number, name: Name): boolean {
  const fold = name.slot === slot.data || name.slot === slot.stringData ? 0x20 : 0;
  const text = name.text;
  if ((bytes[start]! | fold) !== text[0]) return false;
  for (let i = 0; i < text.length; i++) {
    if ((bytes[start + i]! | fold) !== text[i]) return false;
  }
  return true;
}

function outlinedText(bytes: Uint8Array): OutlinedText {
  return { bytes, pairs: new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1) };
}

function rawOf(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
