/** A body on its way out, cut into pieces that fit a message. */
import { chunksOf, type ApiBody } from './api-exchange.ts';
import { maxPieceBytes } from './tunnel-wire.ts';

/** Where pieces go. */
export interface PieceSink {
  /** Sends one. */
  send(piece: Uint8Array): void;
  /** What to wait for before the next; `undefined`: nothing. */
  room(): Promise<void> | undefined;
  /** Whether any more are wanted. */
  isOpen(): boolean;
}

/**
 * Sends a whole body, pulling only as fast as it is taken. Stops when no more is wanted, and lets
 * the body know by leaving its loop. Rejects when the body does.
 */
export async function sendPieces(body: ApiBody, sink: PieceSink): Promise<void> {
  for await (const chunk of chunksOf(body)) {
    for (let at = 0; at < chunk.length; at += maxPieceBytes) {
      if (!sink.isOpen()) return;
      sink.send(chunk.subarray(at, at + maxPieceBytes));
      const hold = sink.room();
      if (hold !== undefined) await hold;
    }
  }
}

/** A body that is known whole and fits one message. */
export function isOnePiece(body: ApiBody): body is Uint8Array {
  return body instanceof Uint8Array && body.length <= maxPieceBytes;
}
