/**
 * A body that passes through while somebody reads along: its last piece waits until what was read is
 * dealt with, so that whoever has the whole answer finds it done.
 */
import { type ApiBody } from '@fairlead/api-tunnel';
/** Who reads along. */
export interface BodyReader {
    /** Bytes that are kept for reading, at most; of a longer body nothing is. */
    readonly maxBytes: number;
    /** The body is whole: its bytes, the reader's own, or `undefined` if there were too many. */
    whole(body: Uint8Array | undefined): Promise<void>;
}
/** Passes a body on. The reader must see to it that it does not take long. */
export declare function heldBody(body: ApiBody, reader: BodyReader): AsyncGenerator<Uint8Array, void, undefined>;
//# sourceMappingURL=held-body.d.ts.map