import { copyEdited, movedPosition } from './edits.ts';
import type { EditedText } from './edits.ts';

describe(copyEdited, () => {
  const text: EditedText = {
    bytes: Buffer.from('__0123456789__'),
    start: 2,
    end: 12,
    edits: [
      { start: 2, end: 2, text: Buffer.from('<') },
      { start: 4, end: 6, text: Buffer.from('') },
      { start: 6, end: 7, text: Buffer.from('abc') },
      { start: 11, end: 12, text: Buffer.from('') },
    ],
  };

  it('leaves out, replaces and inserts', () => {
    expect(copyEdited(text).toString()).toBe('<01abc5678');
  });

  it('keeps bytes of its own', () => {
    const bytes = Buffer.from('abc');
    const copy = copyEdited({ bytes, start: 0, end: 3, edits: [] });

    bytes.fill(0);

    expect(copy.toString()).toBe('abc');
  });

  it('agrees with movedPosition about where each byte stands', () => {
    const copy = copyEdited(text);

    for (let p = text.start; p < text.end; p++) {
      const moved = movedPosition(text, p);
      const isEdited = [4, 5, 6, 11].includes(p);
      expect(isEdited ? moved : copy[moved]).toBe(isEdited ? -1 : text.bytes[p]);
    }
  });
});
