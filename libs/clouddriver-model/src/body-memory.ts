/**
 * Puts bodies together in memory that is cut from larger pieces, as Node's own pool does it with
 * pieces of 8 KiB: two Pods in each of them are many things for V8's collector to register, to mark
 * and to give back.
 */

/** Some twenty Pods; whoever keeps one of them in memory keeps no more than this. */
const pieceBytes = 64 * 1024;
/** Larger ones get memory of their own. */
const maxSharedBytes = 16 * 1024;
/** Most bytes of UTF-8 that a unit of UTF-16 becomes. */
const maxBytesPerUnit = 3;

/** Of this thread. */
let piece = Buffer.alloc(0);
let used = 0;

/** The start as UTF-8, the object's bytes, and the end, which is ASCII, in a row. */
export function joinedBody(start: string, object: Uint8Array, end: string): Uint8Array {
  // More than is needed, but known without looking at the text.
  const room = start.length * maxBytesPerUnit + object.byteLength + end.length;
  if (room > maxSharedBytes) return joinedIn(Buffer.allocUnsafeSlow(room), 0, [start, object, end]);
  if (room > piece.length - used) {
    piece = Buffer.allocUnsafeSlow(pieceBytes);
    used = 0;
  }
  const body = joinedIn(piece, used, [start, object, end]);
  used += body.length;
  return body;
}

function joinedIn(
  memory: Buffer,
  from: number,
  [start, object, end]: readonly [string, Uint8Array, string],
): Uint8Array {
  let at = from + memory.write(start, from);
  memory.set(object, at);
  at += object.byteLength;
  at += memory.write(end, at, 'latin1');
  return memory.subarray(from, at);
}
