/**
 * Ends a gRPC stream from the server's side at once. grpc-js 1.14 offers servers only an end in order,
 * which stands behind all that a slow reader has not taken yet.
 */
import { constants } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { streamUnder } from '../grpc-call-stream.ts';

/** What is used of a call. */
export interface CancellableCall {
  emit(event: 'error', error: { readonly code: status; readonly details: string }): unknown;
}

/** Resets the stream; ends it in order where the stream cannot be had. */
export function cancelCall(call: CancellableCall): void {
  const stream = streamUnder(call);
  if (stream !== undefined && isHttp2Stream(stream)) stream.close(constants.NGHTTP2_CANCEL);
  else call.emit('error', { code: status.CANCELLED, details: 'given up' });
}

function isHttp2Stream(stream: object): stream is { close(code: number): void } {
  return 'rstCode' in stream && 'close' in stream;
}
