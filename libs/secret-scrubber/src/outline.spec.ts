import fc from 'fast-check';
import { maxDepth, slot } from './kernel.ts';
import { inDoubt, outlineEnd } from './outline.ts';
import { createTypescriptKernel } from './typescript-kernel.ts';
import { createWasmKernel } from './wasm-kernel.ts';

function endOf(text: string): { readonly end: number; readonly at: number } {
  const stop = { at: -1 };
  const bytes = new Uint8Array(text.length + 2 - (text.length % 2));
  bytes.set(Buffer.from(text, 'latin1'));
  const end = outlineEnd({ bytes, pairs: new Uint16Array(bytes.buffer) }, 0, stop);
  return { end, at: stop.at };
}

describe(outlineEnd, () => {
  it.each([
    '[]',
    '{}',
    '[1,"]"]',
    '{"a":{"b":["}"]}}',
    '["\\"]"]',
    '["\\\\"]',
    '[ 1 , 2 ]',
    '["abcdefghi"]',
  ])('finds the end of %s', (text) => {
    expect(endOf(`${text}]}`).end).toBe(text.length);
  });

  it.each(['[}', '{"a":tru}', '[,,]', '["\\x"]', '[01]', '{"a"}', '[^]'])(
    'leaves the tokens of %s to the receiver',
    (text) => {
      expect(endOf(text).end).toBe(text.length);
    },
  );

  it.each([
    ['a control character in a string', '["\t"]', 2],
    ['a control character outside', '[\n1]', 1],
    ['a byte that is not ASCII in a string', '["\xe9"]', 2],
    ['a byte that is not ASCII outside', '[\x80]', 1],
    ['a backslash outside', '[\\"a"]', 1],
    ['an escaped control character', '["\\\n"]', 3],
    ['an escaped byte that is not ASCII', '["abc\\\xff"]', 6],
    ['the end of the text', '["a', 3],
    ['the end of the text behind a backslash', '["\\', 3],
    ['one level too many', '['.repeat(maxDepth + 1) + ']'.repeat(maxDepth + 1), maxDepth],
  ])('is in doubt about %s', (_, text, at) => {
    expect(endOf(text)).toEqual({ end: inDoubt, at });
  });

  it('takes as many levels as the strict walk', () => {
    const text = '['.repeat(maxDepth) + ']'.repeat(maxDepth);

    expect(endOf(text).end).toBe(text.length);
  });
});

/** What the outline is, said one byte after another. */
function slowOutline(bytes: Buffer, limit: number): 'doubt' | 'incomplete' | number {
  let depth = 0;
  let isInString = false;
  for (let p = 0; p < limit; p++) {
    const c = String.fromCharCode(bytes[p] ?? 0);
    const next = bytes[p + 1] ?? 0;
    if (c < ' ' || c > '\x7f') return 'doubt';
    if (isInString && c === '\\') {
      p++;
      if (p < limit && (next < 0x20 || next > 0x7f)) return 'doubt';
    } else if (c === '\\') return 'doubt';
    else if (c === '"') isInString = !isInString;
    else if (!isInString && '[{'.includes(c)) depth++;
    else if (!isInString && ']}'.includes(c)) depth--;
    if (depth > maxDepth) return 'doubt';
    if (depth === 0) return p + 1;
  }
  return 'incomplete';
}

describe('both kernels, by outline', () => {
  const kernels = [createWasmKernel(), createTypescriptKernel()];
  const head = '{"metadata":{"name":"n"},"a":';
  const piece = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom(...'"\\{}[]'.split(''), '\\\\', '\\"', '",', 'a', '_'),
    },
    { weight: 4, arbitrary: fc.nat({ max: 70 }).map((count) => 'x'.repeat(count)) },
    { weight: 3, arbitrary: fc.nat({ max: 70 }).map((count) => '\\'.repeat(count)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('\x80', '\x1f', '\x7f', '\x00', '\n', 'é', '[['.repeat(40)),
    },
  );
  const value = fc.array(piece, { maxLength: 30 }).map((pieces) => `[${pieces.join('')}`);

  it('end where the slow outline ends, or walk strictly', () => {
    const property = fc.property(
      value,
      fc.constantFrom('', ']}', '"]}', ']]]}}', ']]]]]]]]'),
      (text, close) => {
        const bytes = Buffer.from(`${head}${text}${close}`, 'latin1');
        const slow = slowOutline(bytes.subarray(head.length), bytes.length - head.length);
        const results = kernels.map((kernel) => {
          kernel.load(bytes);
          const status = kernel.scanObject(0, bytes.length, 'outline');
          return { status, end: kernel.fields[slot.end] };
        });
        const strict = kernels.map((kernel) => kernel.scanObject(0, bytes.length, 'strict'));

        expect(results[1]).toEqual(results[0]);
        expect(strict[1]).toEqual(strict[0]);
        if (slow === 'doubt') expect(results[0]?.status).toBe(strict[0]);
        else if (slow === 'incomplete')
          expect(results[0]).toEqual({ status: 'incomplete', end: bytes.length });
        else {
          const behind = String.fromCharCode(bytes[head.length + slow] ?? 0);
          const isWhole = behind === '}';
          if (isWhole)
            expect(results[0]).toEqual({ status: 'complete', end: head.length + slow + 1 });
          else expect(results[0]?.end).toBeGreaterThanOrEqual(head.length + slow);
        }
      },
    );

    fc.assert(property, { seed: 161803, numRuns: 5000 });
  });
});
