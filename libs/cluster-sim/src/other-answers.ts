// What an API server answers beside resources: health, version, discovery and OpenAPI.
import { type ApiRequest, type ApiServerParts } from './api-server.ts';
import { negotiateDiscovery } from './accept-header.ts';
import {
  aggregatedDiscovery,
  coreVersions,
  type DiscoverySource,
  groupDocument,
  groupList,
  resourceList,
} from './discovery.ts';
import { sendDocument, sendNotServed, sendText, sendUnavailable } from './document-answers.ts';
import { isJsonObject, type JsonObject, stringifyJson } from './json-value.ts';
import {
  openapiDocument,
  openapiIndex,
  openapiV2,
  openapiV2Protobuf,
  openapiV2ProtobufType,
} from './openapi.ts';
import { type ResponseSink, sendWhole } from './response-sink.ts';
import { discoveryVersionsOf, versionDocument } from './server-version.ts';

/** Answers a request that is about no resource. */
export function answerOther(parts: ApiServerParts, request: ApiRequest, sink: ResponseSink): void {
  const source: DiscoverySource = { types: parts.state.types, unavailable: parts.unavailable };
  const { path } = request;
  if (/^\/(healthz|readyz|livez)(\/.*)?$/.test(path)) {
    sendText(sink, 200, 'ok');
  } else if (path === '/version' || path === '/version/') {
    sendDocument(sink, 200, versionDocument(parts.gitVersion()));
  } else if (path.startsWith('/openapi/')) answerOpenapi(source, request, sink);
  else if (path.startsWith('/api')) answerDiscovery(parts, request, sink);
  else sendNotServed(sink);
}

function answerDiscovery(parts: ApiServerParts, request: ApiRequest, sink: ResponseSink): void {
  const source: DiscoverySource = { types: parts.state.types, unavailable: parts.unavailable };
  const [root, group = '', version] = request.path.split('/').filter((step) => step !== '');
  const isCore = root === 'api';
  if (root !== 'api' && root !== 'apis') {
    sendNotServed(sink);
    return;
  }
  const aggregated = negotiateDiscovery(
    request.headers.accept,
    discoveryVersionsOf(parts.gitVersion()),
  );
  if (group === '' && aggregated !== undefined) {
    const document = aggregatedDiscovery(source, aggregated, isCore ? 'core' : 'groups');
    const contentType = `application/json;g=apidiscovery.k8s.io;v=${aggregated};as=APIGroupDiscoveryList`;
    const bytes = Buffer.from(`${stringifyJson(document)}\n`);
    sendWhole(sink, 200, { contentType, bytes }, { vary: 'Accept' });
    return;
  }
  if (!isCore && version !== undefined && source.unavailable.has(`${group}/${version}`)) {
    sendUnavailable(sink);
    return;
  }
  let document: JsonObject | undefined;
  if (group === '') document = isCore ? coreVersions() : groupList(source);
  else if (isCore) document = resourceList(source, '', group);
  else
    document =
      version === undefined ? groupDocument(source, group) : resourceList(source, group, version);
  if (!isJsonObject(document)) {
    sendNotServed(sink);
    return;
  }
  sendDocument(sink, 200, document);
}

function answerOpenapi(source: DiscoverySource, request: ApiRequest, sink: ResponseSink): void {
  const { path } = request;
  if (path === '/openapi/v2') {
    const isProtobuf = request.headers.accept?.includes('proto-openapi') === true;
    if (isProtobuf) {
      sendWhole(sink, 200, { contentType: openapiV2ProtobufType, bytes: openapiV2Protobuf });
    } else sendDocument(sink, 200, openapiV2);
    return;
  }
  const document =
    path === '/openapi/v3'
      ? openapiIndex(source.types)
      : openapiDocument(source.types, path.slice('/openapi/v3/'.length));
  if (document === undefined) {
    sendNotServed(sink);
    return;
  }
  sendDocument(sink, 200, document);
}
