/** The one error of this lib: something received does not keep to the contract. */

/**
 * What is wrong. Retrying the same bytes never helps; each one ends the link or the batch it stands
 * for, and somebody must look at the program on the other side.
 * - `truncated`: the bytes end in the middle of a delta.
 * - `trailingBytes`: bytes follow after the last delta.
 * - `unknownFraming`: the first byte names a framing that this version does not know.
 * - `unknownDeltaType`: a delta's type byte is not one that this version knows.
 * - `badVarint`: a number is longer than 2^53 - 1.
 * - `badString`: a string is not valid UTF-8, or too long.
 * - `tooLarge`: an object or a batch is larger than agreed.
 * - `tooMany`: more deltas than agreed, or none at all.
 * - `corruptPayload`: a payload does not decompress.
 * - `sizeMismatch`: a payload does not have the size that was announced.
 * - `unknownCodec`: a payload is compressed in a way that this side does not know.
 * - `partOutOfOrder`: a piece of a batch does not follow the one before, or contradicts it.
 * - `badDigest`: a digest or a set of versions has a size that none has.
 */
export type ProtocolErrorCode =
  | 'truncated'
  | 'trailingBytes'
  | 'unknownFraming'
  | 'unknownDeltaType'
  | 'badVarint'
  | 'badString'
  | 'tooLarge'
  | 'tooMany'
  | 'corruptPayload'
  | 'sizeMismatch'
  | 'unknownCodec'
  | 'partOutOfOrder'
  | 'badDigest';

/** Something received does not keep to the contract. Messages hold counts and sizes, no content. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  /** What is wrong. */
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
