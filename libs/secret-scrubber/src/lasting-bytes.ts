/** Text as bytes that are kept for as long as a watch lives. */

/** Bytes in memory of their own: a piece of Node's pool would keep all of it alive as long. */
export function lastingBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
