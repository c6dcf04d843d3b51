/** Looks for texts in bytes that come in windows: nothing is missed at a border. Pure. */

/** A text to look for, under a name that may be printed. */
export interface Needle {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Where a needle was found, as an offset from the beginning of the stream. */
export interface Hit {
  readonly needle: string;
  readonly at: number;
}

/** Every form in which a value is looked for: plain, base64, and both as two-byte strings. */
export function needlesFor(name: string, text: string): readonly Needle[] {
  // Whole triplets only: what follows changes the last digits.
  const encoded = Buffer.from(text)
    .toString('base64')
    .slice(0, Math.floor(text.length / 3) * 4);
  return [
    { name, bytes: Buffer.from(text, 'latin1') },
    { name, bytes: Buffer.from(encoded, 'latin1') },
    { name, bytes: Buffer.from(text, 'utf16le') },
    { name, bytes: Buffer.from(encoded, 'utf16le') },
  ];
}

/** Searches one stream. */
export class NeedleSearch {
  readonly #needles: readonly Needle[];
  readonly #overlap: number;
  #tail = Buffer.alloc(0);
  #passed = 0;

  constructor(needles: readonly Needle[]) {
    this.#needles = needles;
    this.#overlap = Math.max(0, ...needles.map(({ bytes }) => bytes.byteLength)) - 1;
  }

  /** The hits that end in this window. */
  push(window: Buffer): readonly Hit[] {
    const bytes = Buffer.concat([this.#tail, window]);
    const start = this.#passed - this.#tail.byteLength;
    const hits = this.#needles.flatMap((needle) => this.#find(needle, bytes, start));
    this.#passed += window.byteLength;
    this.#tail = Buffer.from(bytes.subarray(Math.max(0, bytes.byteLength - this.#overlap)));
    return hits;
  }

  #find({ name, bytes: needle }: Needle, haystack: Buffer, start: number): Hit[] {
    const hits: Hit[] = [];
    for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + 1)) {
      // What lies wholly in the tail was found with the window before.
      if (at + needle.byteLength > this.#tail.byteLength)
        hits.push({ needle: name, at: start + at });
    }
    return hits;
  }
}
