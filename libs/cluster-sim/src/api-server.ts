// One simulated API server: takes a request, decides what it is about, and answers it into a sink.
// It knows no sockets; `node-http-server.ts` brings requests here.
import { type AnswerForm, negotiateDiscovery, negotiateForm } from './accept-header.ts';
import { type ClusterState } from './cluster-state.ts';
import {
  aggregatedDiscovery,
  coreVersions,
  type DiscoverySource,
  groupDocument,
  groupList,
  resourceList,
} from './discovery.ts';
import { type FaultEffect, type FaultRules } from './fault-rules.ts';
import { createFaultySink, isByteFault } from './faulty-sink.ts';
import { isJsonObject, type JsonObject, stringifyJson } from './json-value.ts';
import {
  openapiDocument,
  openapiIndex,
  openapiV2,
  openapiV2Protobuf,
  openapiV2ProtobufType,
} from './openapi.ts';
import { parseTarget, type RequestTarget, type ResourceTarget } from './request-target.ts';
import { type ResourceHandler } from './resource-handler.ts';
import { type ResponseSink, sendWhole } from './response-sink.ts';
import { reasonOfCode, statusBody, StatusError } from './status-error.ts';

/** A request as it came in. */
export interface ApiRequest {
  /** HTTP method. */
  readonly method: string;
  /** Path without query and without the prefix of the cluster. */
  readonly path: string;
  /** Query. */
  readonly query: URLSearchParams;
  /** Headers, names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Reads the whole body. */
  readonly body: () => Promise<Buffer>;
}

/** What an API server is made of. */
export interface ApiServerParts {
  /** Its objects. */
  readonly state: ClusterState;
  /** Answers requests for resources. */
  readonly resources: ResourceHandler;
  /** What goes wrong. */
  readonly faults: FaultRules;
  /** The answer to `/version`. */
  readonly version: JsonObject;
  /** Group versions that are announced and do not answer. */
  readonly unavailable: ReadonlySet<string>;
  /** Bearer tokens that are let in; undefined lets everybody in. */
  readonly tokens: () => ReadonlySet<string> | undefined;
}

const JSON_TYPE = 'application/json';

/** Answers one request. Never rejects: whatever fails is answered or ends the connection. */
export async function answerRequest(
  parts: ApiServerParts,
  request: ApiRequest,
  sink: ResponseSink,
): Promise<void> {
  const target = parseTarget(request.method, request.path, request.query);
  const effects = parts.faults.strike({ ...request, target });
  const byteFault = effects.find(isByteFault);
  const out = byteFault === undefined ? sink : createFaultySink(sink, byteFault);
  try {
    for (const effect of effects) {
      if (await applyEffect(parts, effect, out)) return;
    }
    requireToken(parts, request);
    await answerTarget(parts, { request, target }, out);
  } catch (error: unknown) {
    sendStatus(out, StatusError.from(error));
  }
}

/** Sends a refusal; cuts the connection when the answer has already begun. */
export function sendStatus(sink: ResponseSink, error: StatusError): void {
  const seconds = error.details.retryAfterSeconds;
  const headers: Record<string, string> =
    seconds === undefined ? {} : { 'retry-after': String(seconds) };
  try {
    sendWhole(sink, error.code, jsonBody(statusBody(error)), headers);
  } catch {
    sink.destroy(); // The answer had begun: cutting it is the only way left to say it failed.
  }
}

/** True when the effect was the whole answer. */
async function applyEffect(
  parts: ApiServerParts,
  effect: FaultEffect,
  sink: ResponseSink,
): Promise<boolean> {
  switch (effect.kind) {
    case 'delay':
      await parts.state.clock.sleep(effect.ms, sink.closed);
      return false;
    case 'empty':
      sendWhole(sink, 200, { contentType: JSON_TYPE, bytes: new Uint8Array() });
      return true;
    case 'status':
      sendFaultStatus(effect, sink);
      return true;
    case 'watchError': {
      const line = { type: 'ERROR', object: faultStatusBody(effect.code, '') };
      sink.start(200, { 'content-type': JSON_TYPE });
      sink.write(Buffer.from(`${stringifyJson(line)}\n`));
      sink.end();
      return true;
    }
    case 'close':
    case 'cut':
    case 'stall':
      return false;
  }
}

function sendFaultStatus(
  effect: Extract<FaultEffect, { kind: 'status' }>,
  sink: ResponseSink,
): void {
  const { code, message = '', retryAfterSeconds } = effect;
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  const body =
    effect.body === undefined
      ? jsonBody(faultStatusBody(code, message))
      : { contentType: 'text/plain; charset=utf-8', bytes: Buffer.from(effect.body) };
  sendWhole(sink, code, body, headers);
}

function faultStatusBody(code: number, message: string): JsonObject {
  const reason = reasonOfCode(code);
  const error = new StatusError(reason, message === '' ? `simulated fault: ${reason}` : message);
  return { ...statusBody(error), code };
}

function requireToken(parts: ApiServerParts, request: ApiRequest): void {
  const tokens = parts.tokens();
  const sent = request.headers.authorization?.replace(/^Bearer /i, '');
  if (tokens === undefined || (sent !== undefined && tokens.has(sent))) return;
  throw new StatusError('Unauthorized', 'Unauthorized');
}

async function answerTarget(
  parts: ApiServerParts,
  { request, target }: { request: ApiRequest; target: RequestTarget },
  sink: ResponseSink,
): Promise<void> {
  if (target.kind === 'other') {
    answerOther(parts, request, sink);
    return;
  }
  const groupVersion = target.group === '' ? target.version : `${target.group}/${target.version}`;
  if (parts.unavailable.has(groupVersion)) {
    sendUnavailable(sink);
    return;
  }
  const type = parts.state.findType(target.group, target.version, target.resource);
  if (type === undefined) {
    sendNotFound(sink);
    return;
  }
  const form = requireForm(request);
  await parts.resources.answer(
    { request, target: target satisfies ResourceTarget, type, form },
    sink,
  );
}

function requireForm(request: ApiRequest): AnswerForm {
  const form = negotiateForm(request.headers.accept);
  if (form !== undefined) return form;
  const offered = 'application/json, application/json;as=Table;g=meta.k8s.io;v=v1';
  throw new StatusError('NotAcceptable', `only the following media types are accepted: ${offered}`);
}

function answerOther(parts: ApiServerParts, request: ApiRequest, sink: ResponseSink): void {
  const source: DiscoverySource = { types: parts.state.types, unavailable: parts.unavailable };
  const { path } = request;
  if (/^\/(healthz|readyz|livez)(\/.*)?$/.test(path)) {
    sendWhole(sink, 200, { contentType: 'text/plain; charset=utf-8', bytes: Buffer.from('ok') });
  } else if (path === '/version' || path === '/version/') {
    sendWhole(sink, 200, jsonBody(parts.version));
  } else if (path.startsWith('/openapi/')) answerOpenapi(source, request, sink);
  else if (path.startsWith('/api')) answerDiscovery(source, request, sink);
  else sendNotFound(sink);
}

function answerDiscovery(source: DiscoverySource, request: ApiRequest, sink: ResponseSink): void {
  const [root, group = '', version] = request.path.split('/').filter((step) => step !== '');
  const isCore = root === 'api';
  if (root !== 'api' && root !== 'apis') {
    sendNotFound(sink);
    return;
  }
  const aggregated = negotiateDiscovery(request.headers.accept);
  if (group === '' && aggregated !== undefined) {
    const document = aggregatedDiscovery(source, aggregated, isCore ? 'core' : 'groups');
    const contentType = `${JSON_TYPE};g=apidiscovery.k8s.io;v=${aggregated};as=APIGroupDiscoveryList`;
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
    sendNotFound(sink);
    return;
  }
  sendWhole(sink, 200, jsonBody(document));
}

function answerOpenapi(source: DiscoverySource, request: ApiRequest, sink: ResponseSink): void {
  const { path } = request;
  if (path === '/openapi/v2') {
    const isProtobuf = request.headers.accept?.includes('proto-openapi') === true;
    const body = isProtobuf
      ? { contentType: openapiV2ProtobufType, bytes: openapiV2Protobuf }
      : jsonBody(openapiV2);
    sendWhole(sink, 200, body);
    return;
  }
  const document =
    path === '/openapi/v3'
      ? openapiIndex(source.types)
      : openapiDocument(source.types, path.slice('/openapi/v3/'.length));
  if (document === undefined) {
    sendNotFound(sink);
    return;
  }
  sendWhole(sink, 200, jsonBody(document));
}

/** Plain text, as the real server answers a path that nothing is served under. */
function sendNotFound(sink: ResponseSink): void {
  const bytes = Buffer.from('404 page not found\n');
  sendWhole(sink, 404, { contentType: 'text/plain; charset=utf-8', bytes });
}

function sendUnavailable(sink: ResponseSink): void {
  const bytes = Buffer.from('service unavailable\n');
  sendWhole(sink, 503, { contentType: 'text/plain; charset=utf-8', bytes });
}

function jsonBody(value: JsonObject): { contentType: string; bytes: Uint8Array } {
  return { contentType: JSON_TYPE, bytes: Buffer.from(`${stringifyJson(value)}\n`) };
}
