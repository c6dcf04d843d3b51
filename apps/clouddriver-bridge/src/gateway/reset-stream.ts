/**
 * Ends a gRPC stream from the server's side at once. grpc-js 1.14 offers servers only an end in order,
 * which stands behind all that a slow reader has not taken yet.
 */
import { constants } from 'node:http2';

/** Resets the stream; whether that could be done: where it stands is no public part of grpc-js. */
export function resetStream(call: object): boolean {
  const inner: unknown = Reflect.get(call, 'call');
  const stream: unknown = isObject(inner) ? Reflect.get(inner, 'stream') : undefined;
  if (!isHttp2Stream(stream)) return false;
  stream.close(constants.NGHTTP2_CANCEL);
  return true;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isHttp2Stream(value: unknown): value is { close(code: number): void } {
  return isObject(value) && 'rstCode' in value && 'close' in value;
}
