/**
 * The HTTP/2 stream under a call that grpc-js serves. Where it stands is no public part of grpc-js
 * (1.14): whoever needs it must do without, too.
 */

/** The stream; `undefined` if it is not where it was. */
export function streamUnder(call: object): object | undefined {
  const inner: unknown = Reflect.get(call, 'call');
  const stream: unknown = isObject(inner) ? Reflect.get(inner, 'stream') : undefined;
  return isObject(stream) ? stream : undefined;
}

/** Narrows what comes out of such places. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
