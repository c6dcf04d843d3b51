/** Answers that are held until a value is whole: a document, and the events of a watch. */
import type { AnswerEdits } from './answer-edits.ts';
import type { AnswerReader, AnswerReaderOptions } from './answer-filter.ts';
import { malformedAnswer } from './answer-text.ts';
import { Carry } from './carry.ts';
import { copyEdited, type Edit } from './edits.ts';
import type { Text } from './member-reader.ts';
import { ScrubberError } from './scrubber-error.ts';
import { ValueFramer } from './value-framer.ts';

/** One value that comes in pieces. */
export class HeldValue {
  readonly #carry = new Carry();
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isEmpty(): boolean {
    return this.#carry.length === 0;
  }

  append(bytes: Uint8Array): void {
    if (this.#carry.length + bytes.length > this.#maxBytes) {
      throw malformedAnswer('an object is too large');
    }
    this.#carry.append(bytes);
  }

  /** All of it. */
  text(): Text {
    return { bytes: this.#carry.bytes, start: 0, limit: this.#carry.length };
  }

  /** A copy without what the edits cut. What was held is overwritten. */
  release(find: (text: Text) => readonly Edit[]): Uint8Array {
    const text = this.text();
    const { bytes, start, limit } = text;
    const copy = copyEdited({ bytes, start, end: limit, edits: find(text) });
    this.clear();
    return copy;
  }

  clear(): void {
    this.#carry.clear();
  }
}

/** Anything, as a whole. */
export class DocumentReader implements AnswerReader {
  readonly #edits: AnswerEdits;
  readonly #held: HeldValue;

  constructor({ edits, maxObjectBytes }: AnswerReaderOptions) {
    this.#edits = edits;
    this.#held = new HeldValue(maxObjectBytes);
  }

  read(bytes: Buffer): void {
    const from = this.#held.isEmpty ? afterSpace(bytes, 0) : 0;
    this.#held.append(bytes.subarray(from));
  }

  finish(out: Uint8Array[]): void {
    const { bytes, limit } = this.#held.text();
    // An answer without a body says nothing; that of a HEAD has none.
    if (limit === 0) return;
    const end = beforeSpace(bytes, limit);
    out.push(this.#held.release((text) => this.#edits.ofDocument({ ...text, limit: end })));
  }

  wipe(): void {
    this.#held.clear();
  }
}

/** JSON values one behind the other, each of which is an event. */
export class EventReader implements AnswerReader {
  readonly #edits: AnswerEdits;
  readonly #held: HeldValue;
  readonly #framer = new ValueFramer();
  #isInside = false;

  constructor({ edits, maxObjectBytes }: AnswerReaderOptions) {
    this.#edits = edits;
    this.#held = new HeldValue(maxObjectBytes);
  }

  read(bytes: Buffer, out: Uint8Array[]): void {
    let p = 0;
    while (p < bytes.length) {
      if (!this.#isInside) {
        const start = afterSpace(bytes, p);
        // A copy: the chunk is overwritten.
        if (start > p) out.push(Buffer.from(bytes.subarray(p, start)));
        p = start;
        if (p === bytes.length) return;
        if (bytes[p] !== 0x7b) throw malformedAnswer('an event is no object');
        this.#framer.begin();
        this.#isInside = true;
      }
      const end = this.#framer.advance(bytes, p);
      this.#held.append(bytes.subarray(p, end < 0 ? bytes.length : end));
      if (end < 0) return;
      out.push(this.#held.release((text) => this.#edits.ofEvent(text)));
      this.#isInside = false;
      p = end;
    }
  }

  finish(): void {
    if (this.#isInside) throw truncatedAnswer();
  }

  wipe(): void {
    this.#held.clear();
  }
}

/** The answer stopped in the middle. */
export function truncatedAnswer(): ScrubberError {
  return new ScrubberError('truncated', 'the answer stopped before its end');
}

/** Whether a byte is white space in JSON. */
export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function afterSpace(bytes: Uint8Array, from: number): number {
  let p = from;
  while (p < bytes.length && isSpace(bytes[p])) p++;
  return p;
}

/** The end of what stands before white space. */
export function beforeSpace(bytes: Uint8Array, limit: number): number {
  let end = limit;
  while (end > 0 && isSpace(bytes[end - 1])) end--;
  return end;
}
