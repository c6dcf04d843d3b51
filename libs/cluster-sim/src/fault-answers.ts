// The answers that fault rules give in place of the server's own, worded as kube-apiserver words
// them where it has words for it.
import { decodeContinueToken } from './continue-token.ts';
import { type ClusterState } from './cluster-state.ts';
import { sendDocument, sendNotServed } from './document-answers.ts';
import { type AnsweringEffect } from './fault-effects.ts';
import { type FaultRequest } from './fault-rules.ts';
import { type JsonObject, stringifyJson } from './json-value.ts';
import { expiredToken } from './list-response.ts';
import { type ResponseSink, sendWhole, untilClosed } from './response-sink.ts';
import { type ServedResource } from './served-resource.ts';
import { reasonOfCode, statusBody, StatusError } from './status-error.ts';

/** Whom refusals for want of rights name. */
const USER = 'system:serviceaccount:fairlead:agent';

/** Gives the answer of an effect, or does what comes before it; true when that was the answer. */
export async function applyAnsweringEffect(
  state: ClusterState,
  { effect, request }: { effect: AnsweringEffect; request: FaultRequest },
  sink: ResponseSink,
): Promise<boolean> {
  switch (effect.kind) {
    case 'delay':
      await state.clock.sleep(effect.ms, sink.closed);
      return false;
    case 'run':
      await effect.action(request);
      return false;
    case 'silence':
      await untilClosed(sink);
      return true;
    case 'empty':
      sendWhole(sink, 200, { contentType: 'application/json', bytes: new Uint8Array() });
      return true;
    case 'status':
      sendFaultStatus(effect, request, sink);
      return true;
    case 'notServed':
      sendNotServed(sink);
      return true;
    case 'conversionWebhook':
      sendConversionFailure(typeOf(state, request), sink);
      return true;
    case 'expiredToken':
      return sendExpiredToken(request, sink);
  }
}

function typeOf(state: ClusterState, { target }: FaultRequest): ServedResource | undefined {
  if (target.kind !== 'resource') return undefined;
  return state.findType(target.group, target.version, target.resource);
}

/** A Status object with any code, for a request. */
function faultStatus(code: number, message = '', request?: FaultRequest): JsonObject {
  const reason = reasonOfCode(code);
  const target = request?.target.kind === 'resource' ? request.target : undefined;
  const details = target === undefined ? {} : { group: target.group, kind: target.resource };
  const words = message === '' ? wordsOf(code, request) : message;
  return { ...statusBody(new StatusError(reason, words, { details })), code };
}

/** The line of an ERROR event. */
export function errorLine(code: number): Uint8Array {
  const object = faultStatus(code, code === 410 ? 'too old resource version: 1 (2)' : '');
  return Buffer.from(`${stringifyJson({ type: 'ERROR', object })}\n`);
}

/** Sends a status, with whatever body the effect asks for. */
function sendFaultStatus(
  effect: Extract<AnsweringEffect, { kind: 'status' }>,
  request: FaultRequest,
  sink: ResponseSink,
): void {
  const { code, message, retryAfterSeconds, body } = effect;
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  const { contentType = 'text/plain; charset=utf-8' } = effect;
  if (body === undefined) sendDocument(sink, code, faultStatus(code, message, request), headers);
  else sendWhole(sink, code, { contentType, bytes: Buffer.from(body) }, headers);
}

/** 500 without a reason: the real server has none for an error that it does not know. */
function sendConversionFailure(type: ServedResource | undefined, sink: ResponseSink): void {
  const { group = '', version = '', kind = '' } = type ?? {};
  const status: JsonObject = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message:
      `conversion webhook for ${group}/${version}, Kind=${kind} failed: Post ` +
      '"https://conversion.default.svc:443/convert?timeout=30s": dial tcp 10.96.0.10:443: ' +
      'connect: connection refused',
    code: 500,
  };
  sendDocument(sink, 500, status);
}

/** Refuses a further page as after a compaction; false for a request without a token. */
function sendExpiredToken(request: FaultRequest, sink: ResponseSink): boolean {
  const token = request.query.get('continue') ?? '';
  if (token === '') return false;
  sendDocument(sink, 410, statusBody(expiredToken(decodeContinueToken(token).startKey)));
  return true;
}

function wordsOf(code: number, request: FaultRequest | undefined): string {
  const target = request?.target;
  if (code === 401) return 'Unauthorized';
  if (code === 429) return 'Too many requests, please try again later.';
  if (code !== 403 || target?.kind !== 'resource') return `simulated fault: ${reasonOfCode(code)}`;
  const { verb, resource, group, namespace, name } = target;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const what = `${resource}${group === '' ? '' : `.${group}`}${name === '' ? '' : ` "${name}"`}`;
  return `${what} is forbidden: User "${USER}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`;
}
