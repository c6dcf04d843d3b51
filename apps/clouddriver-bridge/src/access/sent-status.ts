/**
 * The status with which grpc-js itself has ended a stream: a message that is too large is refused
 * below what the stream's user can see.
 */
import { isObject, streamUnder } from '../grpc-call-stream.ts';

/** The status that was sent, `undefined` if none was or it cannot be seen: it is not public. */
export function sentStatus(call: object): number | undefined {
  const stream = streamUnder(call);
  if (stream === undefined) return undefined;
  for (const name of ['sentTrailers', 'sentHeaders']) {
    const headers: unknown = Reflect.get(stream, name);
    const value: unknown = isObject(headers) ? Reflect.get(headers, 'grpc-status') : undefined;
    if (value !== undefined) return Number(value);
  }
  return undefined;
}
