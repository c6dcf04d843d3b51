// One simulated API server: takes a request, decides what it is about, and answers it into a sink.
// It knows no sockets; `node-http-server.ts` brings requests here.
import { type AnswerForm, negotiateForm } from './accept-header.ts';
import { type Random } from './clock.ts';
import { type ClusterState } from './cluster-state.ts';
import { sendDocument, sendNotServed, sendUnavailable } from './document-answers.ts';
import { applyAnsweringEffect, errorLine } from './fault-answers.ts';
import {
  type FaultEffect,
  type HandlingEffect,
  isHandlingEffect,
  isSinkEffect,
  type SinkEffect,
} from './fault-effects.ts';
import { type FaultRequest, type FaultRules } from './fault-rules.ts';
import { createFaultySink } from './faulty-sink.ts';
import { answerOther } from './other-answers.ts';
import { parseTarget, type RequestTarget } from './request-target.ts';
import { type ResourceHandler } from './resource-handler.ts';
import { type ResponseSink } from './response-sink.ts';
import { statusBody, StatusError } from './status-error.ts';

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
  /** Number of the connection it came on, from 0. @defaultValue 0 */
  readonly connection?: number;
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
  /** What `/version` says; older servers offer less. */
  readonly gitVersion: () => string;
  /** Where faults are left to chance. */
  readonly random: Random;
  /** Group versions that are announced and do not answer. */
  readonly unavailable: ReadonlySet<string>;
  /** Bearer tokens that are let in; undefined lets everybody in. */
  readonly tokens: () => ReadonlySet<string> | undefined;
}

/** Answers one request. Never rejects: whatever fails is answered or ends the connection. */
export async function answerRequest(
  parts: ApiServerParts,
  request: ApiRequest,
  sink: ResponseSink,
): Promise<void> {
  const target = parseTarget(request.method, request.path, request.query);
  const asked: FaultRequest = { ...request, target };
  const effects = parts.faults.strike(asked);
  const out = faultySink(parts, { target, effects }, sink);
  try {
    for (const effect of effects) {
      if (isSinkEffect(effect) || isHandlingEffect(effect)) continue;
      if (await applyAnsweringEffect(parts.state, { effect, request: asked }, out)) return;
    }
    requireToken(parts, request);
    await answerTarget(parts, { request, target, effects: effects.filter(isHandlingEffect) }, out);
  } catch (error: unknown) {
    sendStatus(out, StatusError.from(error));
  }
}

/** Sends a refusal; cuts the connection when the answer has already begun. */
export function sendStatus(sink: ResponseSink, error: StatusError): void {
  const seconds = error.details.retryAfterSeconds;
  try {
    sendDocument(
      sink,
      error.code,
      statusBody(error),
      seconds === undefined ? {} : { 'retry-after': String(seconds) },
    );
  } catch {
    sink.destroy(); // The answer had begun: cutting it is the only way left to say it failed.
  }
}

function faultySink(
  parts: ApiServerParts,
  { target, effects }: { target: RequestTarget; effects: readonly FaultEffect[] },
  sink: ResponseSink,
): ResponseSink {
  const isWatch = target.kind === 'resource' && target.verb === 'watch';
  const fitting = effects.filter(isSinkEffect).filter((effect) => isWatch || !isOfLines(effect));
  if (fitting.length === 0) return sink;
  const { random, state } = parts;
  return createFaultySink(sink, fitting, { clock: state.clock, random, errorLine });
}

/** Only watches have lines. */
function isOfLines({ kind }: SinkEffect): boolean {
  return kind === 'cutLine' || kind === 'malformedLine' || kind === 'watchError';
}

function requireToken(parts: ApiServerParts, request: ApiRequest): void {
  const tokens = parts.tokens();
  const sent = request.headers.authorization?.replace(/^Bearer /i, '');
  if (tokens === undefined || (sent !== undefined && tokens.has(sent))) return;
  throw new StatusError('Unauthorized', 'Unauthorized');
}

async function answerTarget(
  parts: ApiServerParts,
  asked: {
    request: ApiRequest;
    target: RequestTarget;
    effects: readonly HandlingEffect[];
  },
  sink: ResponseSink,
): Promise<void> {
  const { request, target, effects } = asked;
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
    sendNotServed(sink);
    return;
  }
  const form = requireForm(request);
  await parts.resources.answer({ request, target, type, form, effects }, sink);
}

function requireForm(request: ApiRequest): AnswerForm {
  const form = negotiateForm(request.headers.accept);
  if (form !== undefined) return form;
  const offered = 'application/json, application/json;as=Table;g=meta.k8s.io;v=v1';
  throw new StatusError('NotAcceptable', `only the following media types are accepted: ${offered}`);
}
