/**
 * Text arrays in PostgreSQL's binary format (`array_send` in `arrayfuncs.c`), built in one buffer:
 * a list of JavaScript strings with JSON bodies costs the driver some twenty times as much.
 */

/** OID of type `text`. */
const textOid = 25;
const headerBytes = 20;
const lengthBytes = 4;

/** A `text[]` of strings or of UTF-8 bytes, as a parameter that the driver sends as it is. */
export function textArray(items: readonly (string | Uint8Array)[]): Buffer {
  const sizes = new Int32Array(items.length);
  let total = headerBytes;
  for (let at = 0; at < items.length; at += 1) {
    const item = items[at] ?? '';
    const size = typeof item === 'string' ? Buffer.byteLength(item) : item.byteLength;
    sizes[at] = size;
    total += lengthBytes + size;
  }
  const buffer = Buffer.allocUnsafe(total);
  writeHeader(buffer, items.length);
  let offset = headerBytes;
  for (let at = 0; at < items.length; at += 1) {
    const item = items[at] ?? '';
    offset = buffer.writeInt32BE(sizes[at] ?? 0, offset);
    if (typeof item === 'string') buffer.write(item, offset, 'utf8');
    else buffer.set(item, offset);
    offset += sizes[at] ?? 0;
  }
  return buffer;
}

/** One dimension, no nulls, element type, number of elements, lower bound 1. */
function writeHeader(buffer: Buffer, count: number): void {
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(0, 4);
  buffer.writeInt32BE(textOid, 8);
  buffer.writeInt32BE(count, 12);
  buffer.writeInt32BE(1, 16);
}
