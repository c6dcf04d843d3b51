// Bodies of requests: JSON, YAML where a client says so (apply patches may be either), and protobuf
// of a few types.
import { parse as parseYaml } from 'yaml';
import { type ApiRequest } from './api-server.ts';
import { type JsonObject, type JsonValue, parseJson } from './json-value.ts';
import { readProtobufObject } from './protobuf-body.ts';
import { StatusError } from './status-error.ts';

/**
 * Reads a body; null when there is none.
 *
 * @throws StatusError UnsupportedMediaType for protobuf of other types and CBOR, BadRequest for what
 * cannot be read
 */
export async function readRequestBody(request: ApiRequest): Promise<JsonValue> {
  const contentType = request.headers['content-type'] ?? '';
  const bytes = await request.body();
  if (bytes.length === 0) return null;
  if (contentType.includes('protobuf') || contentType.includes('cbor')) return binary(bytes);
  const text = bytes.toString();
  try {
    const isYaml = contentType.includes('yaml') && !text.trimStart().startsWith('{');
    return isYaml ? (parseYaml(text) as JsonValue) : parseJson(text);
  } catch {
    throw new StatusError('BadRequest', 'the body of the request cannot be decoded');
  }
}

function binary(bytes: Buffer): JsonObject {
  const object = readProtobuf(bytes);
  if (object !== undefined) return object;
  throw new StatusError(
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: ' +
      'application/json, application/yaml',
  );
}

function readProtobuf(bytes: Buffer): JsonObject | undefined {
  try {
    return readProtobufObject(bytes);
  } catch {
    return undefined; // Cut short or no protobuf at all: the client hears that it is not understood.
  }
}
