// Whole answers of one document: JSON, or the plain text of the places where kube-apiserver has no
// words of its own.
import { type JsonObject, stringifyJson } from './json-value.ts';
import { type ResponseSink, sendWhole } from './response-sink.ts';

/** Sends a JSON document, with the line end that the real server puts after it. */
export function sendDocument(
  sink: ResponseSink,
  status: number,
  document: JsonObject,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(`${stringifyJson(document)}\n`);
  sendWhole(sink, status, { contentType: 'application/json', bytes }, headers);
}

/** Sends plain text. */
export function sendText(sink: ResponseSink, status: number, text: string): void {
  const contentType = 'text/plain; charset=utf-8';
  sendWhole(sink, status, { contentType, bytes: Buffer.from(text) });
}

/** 404 as for a path that nothing is served under. */
export function sendNotServed(sink: ResponseSink): void {
  sendText(sink, 404, '404 page not found\n');
}

/** 503 as for an API group whose own server is away. */
export function sendUnavailable(sink: ResponseSink): void {
  sendText(sink, 503, 'service unavailable\n');
}
