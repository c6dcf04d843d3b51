/**
 * Finds where a JSON value ends while its bytes arrive in pieces cut anywhere. It knows strings,
 * escapes and brackets and nothing else, so it needs a few numbers of memory however deep the value
 * is; whether the value was JSON is found out by the strict walk over the whole.
 */

/** State of one value; `begin` starts the next. */
export class ValueFramer {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isScalar = false;
  #isFresh = true;

  /** The next byte is the first one of a value. */
  begin(): void {
    this.#depth = 0;
    this.#isInString = false;
    this.#isEscaped = false;
    this.#isScalar = false;
    this.#isFresh = true;
  }

  /** Position behind the value, or -1 when it goes on behind these bytes. */
  advance(bytes: Uint8Array, from: number): number {
    let p = from;
    if (this.#isFresh && p < bytes.length) {
      const first = bytes[p];
      this.#isFresh = false;
      this.#isScalar = first !== 0x22 && first !== 0x7b && first !== 0x5b;
    }
    if (this.#isScalar) return scalarEnd(bytes, p);
    while (p < bytes.length) {
      p = this.#isInString ? this.#leaveString(bytes, p) : this.#findString(bytes, p);
      if (this.#depth === 0 && !this.#isInString) return p;
    }
    return -1;
  }

  /** Inside a string: behind its closing quote, or the end of the bytes. */
  #leaveString(bytes: Uint8Array, from: number): number {
    let p = from;
    let isEscaped = this.#isEscaped;
    while (p < bytes.length) {
      const c = bytes[p++];
      if (isEscaped) {
        isEscaped = false;
      } else if (c === 0x5c) {
        isEscaped = true;
      } else if (c === 0x22) {
        this.#isInString = false;
        break;
      }
    }
    this.#isEscaped = isEscaped;
    return p;
  }

  /** Outside: behind the next opening quote, the bracket that closes the value, or the bytes. */
  #findString(bytes: Uint8Array, from: number): number {
    let p = from;
    while (p < bytes.length) {
      const c = bytes[p++];
      if (c === 0x22) {
        this.#isInString = true;
        return p;
      }
      if (c === 0x7b || c === 0x5b) this.#depth++;
      else if ((c === 0x7d || c === 0x5d) && --this.#depth === 0) return p;
    }
    return p;
  }
}

function scalarEnd(bytes: Uint8Array, from: number): number {
  for (let p = from; p < bytes.length; p++) {
    const c = bytes[p] ?? 0;
    if (c <= 0x20 || c === 0x2c || c === 0x7d || c === 0x5d) return p;
  }
  return -1;
}
