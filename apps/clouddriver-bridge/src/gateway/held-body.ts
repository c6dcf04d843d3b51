/**
 * A body that passes through while somebody reads along: its last piece waits until what was read is
 * dealt with, so that whoever has the whole answer finds it done.
 */
import { chunksOf, type ApiBody } from '@fairlead/api-tunnel';

/** Who reads along. */
export interface BodyReader {
  /** Bytes that are kept for reading, at most; of a longer body nothing is. */
  readonly maxBytes: number;
  /** The body is whole: its bytes, the reader's own, or `undefined` if there were too many. */
  whole(body: Uint8Array | undefined): Promise<void>;
}

/** Passes a body on. The reader must see to it that it does not take long. */
export async function* heldBody(
  body: ApiBody,
  reader: BodyReader,
): AsyncGenerator<Uint8Array, void, undefined> {
  let kept: Uint8Array[] | undefined = [];
  let bytes = 0;
  let last: Uint8Array | undefined;
  for await (const chunk of chunksOf(body)) {
    bytes += chunk.byteLength;
    if (bytes > reader.maxBytes) kept = undefined;
    kept?.push(Uint8Array.from(chunk));
    if (last !== undefined) yield last;
    last = chunk;
  }
  await reader.whole(kept && joined(kept));
  if (last !== undefined) yield last;
}

/** In one piece, and nothing of it left elsewhere: it may hold secrets. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = Buffer.concat(pieces);
  for (const piece of pieces) piece.fill(0);
  return whole;
}
