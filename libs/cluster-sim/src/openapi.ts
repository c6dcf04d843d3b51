// As much OpenAPI as kubectl needs before it creates or applies: for every type that PATCH takes
// `fieldValidation` (then kubectl leaves validation to the server), and for kubectl up to 1.27,
// which reads only version 2, a document without schemas (then it validates nothing).
import { type JsonObject } from './json-value.ts';
import { apiVersionOf, type ServedResource } from './served-resource.ts';

/** The document of `/openapi/v3`: where the documents of the group versions are. */
export function openapiIndex(types: readonly ServedResource[]): JsonObject {
  const paths: JsonObject = {};
  for (const type of types) {
    const path = groupVersionPath(type);
    paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hashOf(types, path)}` };
  }
  return { paths };
}

/** The document of one group version; undefined when nothing is served there. */
export function openapiDocument(
  types: readonly ServedResource[],
  path: string,
): JsonObject | undefined {
  const served = types.filter((type) => groupVersionPath(type) === path);
  if (served.length === 0) return undefined;
  const paths: JsonObject = {};
  for (const type of served) {
    const scope = type.namespaced ? 'namespaces/{namespace}/' : '';
    paths[`/${path}/${scope}${type.resource}/{name}`] = { patch: patchOperation(type) };
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'unversioned' },
    paths,
  };
}

/** The version 2 document as JSON. */
export const openapiV2: JsonObject = {
  swagger: '2.0',
  info: { title: 'Kubernetes', version: 'unversioned' },
  paths: {},
};

/**
 * The same document as protobuf (gnostic's `openapi.v2.Document`): swagger = 1, info = 2 with
 * title = 1 and version = 2, paths = 8, empty.
 */
export const openapiV2Protobuf: Uint8Array = protobufDocument();

/** The content type of the protobuf form (clients ask for it with `@` before the version). */
export const openapiV2ProtobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

function protobufDocument(): Uint8Array {
  const info = [...protobufField(1, 'Kubernetes'), ...protobufField(2, 'unversioned')];
  return Uint8Array.from([
    ...protobufField(1, '2.0'),
    ...protobufField(2, info),
    ...protobufField(8, []),
  ]);
}

/** A length-delimited field (wire type 2) of less than 128 bytes. */
function protobufField(number: number, content: string | readonly number[]): number[] {
  const bytes = typeof content === 'string' ? [...Buffer.from(content)] : [...content];
  return [(number << 3) | 2, bytes.length, ...bytes];
}

function patchOperation(type: ServedResource): JsonObject {
  const parameter = (name: string): JsonObject => ({
    name,
    in: 'query',
    schema: { type: 'string', uniqueItems: true },
  });
  return {
    operationId: `patch${type.kind}`,
    parameters: ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map(parameter),
    responses: { '200': { description: 'OK' } },
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': {
      group: type.group,
      version: type.version,
      kind: type.kind,
    },
  };
}

function groupVersionPath(type: ServedResource): string {
  return type.group === '' ? `api/${type.version}` : `apis/${apiVersionOf(type)}`;
}

/** kubectl keeps a document as long as its hash stays: it follows the kinds in it. */
function hashOf(types: readonly ServedResource[], path: string): string {
  const kinds = types.filter((type) => groupVersionPath(type) === path).map((type) => type.kind);
  let hash = 5381;
  for (const char of kinds.join()) hash = (Math.imul(hash, 33) + char.charCodeAt(0)) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
