/**
 * Copies text with stretches left out or replaced. The only copy that is made of an object outside
 * the kernels, so what is in no edit leaves and what is in one does not.
 */

/** A stretch that does not leave. */
export interface Cut {
  readonly start: number;
  readonly end: number;
}

/** A stretch with what stands in its place; an empty stretch is an insertion. */
export interface Edit extends Cut {
  readonly text: Uint8Array;
}

/** A text in a larger one, with its edits in order; they do not overlap. */
export interface EditedText {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly edits: readonly Edit[];
}

/** One copy of exact length. */
export function copyEdited({ bytes, start, end, edits }: EditedText): Buffer {
  const growth = edits.reduce((sum, edit) => sum + growthOf(edit), 0);
  const copy = Buffer.allocUnsafe(end - start + growth);
  let from = start;
  let to = 0;
  for (const edit of edits) {
    if (edit.start > from) copy.set(bytes.subarray(from, edit.start), to);
    to += edit.start - from;
    copy.set(edit.text, to);
    to += edit.text.length;
    from = edit.end;
  }
  copy.set(bytes.subarray(from, end), to);
  return copy;
}

/** Where the byte at `position` stands in the copy; -1 when it is in none. */
export function movedPosition({ start, edits }: EditedText, position: number): number {
  let moved = position - start;
  for (const edit of edits) {
    if (edit.start > position) break;
    if (edit.end > position) return -1;
    moved += growthOf(edit);
  }
  return moved;
}

function growthOf(edit: Edit): number {
  return edit.text.length - (edit.end - edit.start);
}
