/**
 * An answer to a list: its items, or the rows of a Table, pass one by one as they come. What stands
 * before them is held until they begin, since an error, or a single object, may come in their place.
 */
import type { AnswerEdits } from './answer-edits.ts';
import type { AnswerReader, AnswerReaderOptions } from './answer-filter.ts';
import { beforeSpace, HeldValue, isSpace, truncatedAnswer } from './answer-readers.ts';
import { malformedAnswer } from './answer-text.ts';
import type { Text } from './member-reader.ts';
import { ValueFramer } from './value-framer.ts';

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const emptyArray = Buffer.from('[]');

/**
 * What the next byte that is no white space must be. `member`: a key; `key` and `value`: it goes on
 * with one that began earlier; `item` and `inItem` the same in the array; `closed`: nothing.
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
  | 'inItem'
  | 'afterItem'
  | 'closed';

/** Where white space is no part of the frame: between the items, and behind the end. */
const outside: ReadonlySet<Phase> = new Set(['firstItem', 'item', 'afterItem', 'closed']);

/** Reads one list. */
export class AnswerListReader implements AnswerReader {
  readonly #edits: AnswerEdits;
  /** The list without its items: what is checked when it is over. */
  readonly #frame: HeldValue;
  readonly #item: HeldValue;
  readonly #framer = new ValueFramer();
  #phase: Phase = 'open';
  /** Where in the frame the key begins that was read last. */
  #keyStart = 0;
  #array: 'none' | 'items' | 'rows' = 'none';
  /** How many bytes of the frame have left. */
  #passed = 0;

  constructor({ edits, maxObjectBytes }: AnswerReaderOptions) {
    this.#edits = edits;
    this.#frame = new HeldValue(maxObjectBytes);
    this.#item = new HeldValue(maxObjectBytes);
  }

  read(bytes: Buffer, out: Uint8Array[]): void {
    let p = 0;
    while (p < bytes.length) {
      if (this.#phase === 'inItem') p = this.#resumeItem(bytes, p, out);
      else if (this.#phase === 'key' || this.#phase === 'value') p = this.#resume(bytes, p);
      else if (isSpace(bytes[p])) p = this.#space(bytes, p, out);
      else p = this.#step(bytes, p, out);
    }
  }

  finish(out: Uint8Array[]): void {
    if (this.#phase === 'open' && this.#frame.isEmpty) return;
    if (this.#phase !== 'closed') throw truncatedAnswer();
    if (this.#array === 'none') {
      out.push(this.#frame.release((text) => this.#edits.ofDocument(trimmed(text))));
    }
  }

  wipe(): void {
    this.#frame.clear();
    this.#item.clear();
  }

  #step(bytes: Buffer, p: number, out: Uint8Array[]): number {
    const c = bytes[p];
    switch (this.#phase) {
      case 'open':
        return this.#expect(c === openBrace, 'firstMember', bytes, p);
      case 'firstMember':
        if (c === closeBrace) return this.#close(bytes, p, out);
        return this.#startKey(bytes, p);
      case 'member':
        return this.#startKey(bytes, p);
      case 'colon':
        return this.#expect(c === colon, 'valueStart', bytes, p);
      case 'valueStart':
        return this.#startValue(bytes, p, out);
      case 'afterMember':
        if (c === closeBrace) return this.#close(bytes, p, out);
        return this.#expect(c === comma, 'member', bytes, p);
      case 'firstItem':
        if (c === closeBracket) return this.#endArray(p, out);
        return this.#startItem(bytes, p);
      case 'item':
        return this.#startItem(bytes, p);
      case 'afterItem':
        if (c === closeBracket) return this.#endArray(p, out);
        if (c !== comma) throw malformedAnswer('it is not JSON');
        out.push(Buffer.of(comma));
        this.#phase = 'item';
        return p + 1;
      case 'key':
      case 'value':
      case 'inItem':
      case 'closed':
        throw malformedAnswer('something follows its end');
    }
  }

  #expect(isThere: boolean, next: Phase, bytes: Buffer, p: number): number {
    if (!isThere) throw malformedAnswer('it is not JSON');
    this.#phase = next;
    this.#frame.append(bytes.subarray(p, p + 1));
    return p + 1;
  }

  #space(bytes: Buffer, from: number, out: Uint8Array[]): number {
    let to = from;
    while (to < bytes.length && isSpace(bytes[to])) to++;
    const space = bytes.subarray(from, to);
    const isOutside = this.#array !== 'none' && outside.has(this.#phase);
    // A copy: the chunk is overwritten.
    if (isOutside) out.push(Buffer.from(space));
    else this.#frame.append(space);
    return to;
  }

  #startKey(bytes: Buffer, p: number): number {
    if (bytes[p] !== quote) throw malformedAnswer('it is not JSON');
    this.#keyStart = this.#frame.text().limit;
    this.#framer.begin();
    this.#phase = 'key';
    return this.#resume(bytes, p);
  }

  #startValue(bytes: Buffer, p: number, out: Uint8Array[]): number {
    const array = bytes[p] === openBracket ? this.#arrayName() : 'none';
    if (array === 'none') {
      this.#framer.begin();
      this.#phase = 'value';
      return this.#resume(bytes, p);
    }
    if (this.#array !== 'none') throw malformedAnswer('it has two arrays of objects');
    this.#array = array;
    this.#checkSoFar();
    this.#pass(out);
    out.push(Buffer.of(openBracket));
    // In the frame the array stays empty: what is in it is checked on its own.
    this.#frame.append(emptyArray);
    this.#passed += emptyArray.length;
    this.#phase = 'firstItem';
    return p + 1;
  }

  /** The key that was read last, if it is of an array of objects. */
  #arrayName(): 'none' | 'items' | 'rows' {
    const { bytes, limit } = this.#frame.text();
    const key = bytes.toString('latin1', this.#keyStart, limit).trimEnd();
    if (/^"items"\s*:$/.test(key)) return 'items';
    return /^"rows"\s*:$/.test(key) ? 'rows' : 'none';
  }

  /** Of what has been said so far, as if the list ended behind its objects. */
  #checkSoFar(): void {
    const { bytes, limit } = this.#frame.text();
    const closed = Buffer.alloc(limit + 4);
    bytes.copy(closed, 0, 0, limit);
    closed.write('[]}', limit, 'latin1');
    try {
      this.#edits.checkFrame(trimmed({ bytes: closed, start: 0, limit: limit + 3 }), 'begun');
    } finally {
      closed.fill(0);
    }
  }

  #startItem(bytes: Buffer, p: number): number {
    if (bytes[p] !== openBrace) throw malformedAnswer('an item is no object');
    this.#framer.begin();
    this.#phase = 'inItem';
    return p;
  }

  #resumeItem(bytes: Buffer, from: number, out: Uint8Array[]): number {
    const end = this.#framer.advance(bytes, from);
    const to = end < 0 ? bytes.length : end;
    this.#item.append(bytes.subarray(from, to));
    if (end < 0) return to;
    const isRow = this.#array === 'rows';
    out.push(
      this.#item.release((text) => (isRow ? this.#edits.ofRow(text) : this.#edits.ofObject(text))),
    );
    this.#phase = 'afterItem';
    return to;
  }

  #endArray(p: number, out: Uint8Array[]): number {
    out.push(Buffer.of(closeBracket));
    this.#phase = 'afterMember';
    return p + 1;
  }

  /** Carries a key or a member's value to its end. */
  #resume(bytes: Buffer, from: number): number {
    const end = this.#framer.advance(bytes, from);
    const to = end < 0 ? bytes.length : end;
    this.#frame.append(bytes.subarray(from, to));
    if (end >= 0) this.#phase = this.#phase === 'key' ? 'colon' : 'afterMember';
    return to;
  }

  #close(bytes: Buffer, p: number, out: Uint8Array[]): number {
    this.#phase = 'closed';
    this.#frame.append(bytes.subarray(p, p + 1));
    if (this.#array === 'none') return p + 1;
    this.#edits.checkFrame(trimmed(this.#frame.text()), 'whole');
    this.#pass(out);
    return p + 1;
  }

  /** Lets what is held of the frame leave. */
  #pass(out: Uint8Array[]): void {
    const { bytes, limit } = this.#frame.text();
    out.push(Buffer.from(bytes.subarray(this.#passed, limit)));
    this.#passed = limit;
  }
}

/** Without white space around it. */
function trimmed({ bytes, limit }: Text): Text {
  let start = 0;
  while (isSpace(bytes[start])) start++;
  return { bytes, start, limit: beforeSpace(bytes, limit) };
}
