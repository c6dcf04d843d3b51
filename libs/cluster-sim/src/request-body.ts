// Bodies of requests: JSON, or YAML where a client says so (apply patches may be either).
import { parse as parseYaml } from 'yaml';
import { type ApiRequest } from './api-server.ts';
import { type JsonValue, parseJson } from './json-value.ts';
import { StatusError } from './status-error.ts';

/**
 * Reads a body; null when there is none.
 *
 * @throws StatusError UnsupportedMediaType for protobuf and CBOR, BadRequest for what cannot be read
 */
export async function readRequestBody(request: ApiRequest): Promise<JsonValue> {
  const contentType = request.headers['content-type'] ?? '';
  const bytes = await request.body();
  if (bytes.length === 0) return null;
  if (contentType.includes('protobuf') || contentType.includes('cbor')) {
    throw new StatusError(
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: ' +
        'application/json, application/yaml',
    );
  }
  const text = bytes.toString();
  try {
    const isYaml = contentType.includes('yaml') && !text.trimStart().startsWith('{');
    return isYaml ? (parseYaml(text) as JsonValue) : parseJson(text);
  } catch {
    throw new StatusError('BadRequest', 'the body of the request cannot be decoded');
  }
}
