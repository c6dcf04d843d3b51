/** Ways to damage a text, one change at a time. */
import fc from 'fast-check';

/** One change to a text, at a fraction of its length. */
export const damage = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  how: fc.constantFrom('replace', 'insert', 'delete', 'cut', 'repeat'),
  byte: fc.oneof(fc.constantFrom(...Buffer.from('"\\{}[]:,0-+.eEtfnu \n')), fc.nat({ max: 255 })),
});

/** See {@link damage}. */
export type Damage = typeof damage extends fc.Arbitrary<infer D> ? D : never;

/** The text with the change made. */
export function damaged(body: Buffer, { at, how, byte }: Damage): Buffer {
  const p = Math.floor(at * body.length);
  const insert = Buffer.from(how === 'replace' || how === 'insert' ? [byte] : []);
  const before = how === 'repeat' ? body.subarray(0, p + 20) : body.subarray(0, p);
  const after =
    how === 'cut' ? [] : [body.subarray(how === 'replace' || how === 'delete' ? p + 1 : p)];
  return Buffer.concat([before, insert, ...after]);
}

/** The parsed text, when it is JSON in valid UTF-8. */
export function parsedText(text: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text));
  } catch {
    return undefined;
  }
}
