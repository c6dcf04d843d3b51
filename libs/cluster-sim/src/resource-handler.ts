// Answers requests for resources: reads bodies and queries, calls the function that does it, and
// prints what came out.
import { type AnswerForm } from './accept-header.ts';
import { type ApiRequest } from './api-server.ts';
import { type ClusterState } from './cluster-state.ts';
import { decodeContinueToken } from './continue-token.ts';
import { type HandlingEffect } from './fault-effects.ts';
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  objectAt,
  stringifyJson,
} from './json-value.ts';
import { type ListOptions, parseListOptions } from './list-options.ts';
import { choosePage, sendList } from './list-response.ts';
import { type FieldManager } from './managed-fields.ts';
import { createObjectFilter } from './object-filter.ts';
import { acceptsGzip, createGzipSink } from './node-gzip-sink.ts';
import { createPrinter } from './object-form.ts';
import {
  createObject,
  deleteObject,
  type DeleteOptions,
  notFound,
  requireObject,
  updateObject,
} from './object-writer.ts';
import { patchObject, patchTypes } from './patching.ts';
import { readRequestBody } from './request-body.ts';
import { type ResourceTarget } from './request-target.ts';
import { concatBytes, type ResponseSink, sendWhole } from './response-sink.ts';
import { fromScale, scaleOf } from './scale-subresource.ts';
import { type StreamingLists } from './server-version.ts';
import { type ServedCounts } from './served-counts.ts';
import { type ServedResource, storeNameOf } from './served-resource.ts';
import { StatusError } from './status-error.ts';
import { snapshotOf, type StaleView, staleViewOf, viewForRead } from './stale-view.ts';
import { objectKey, readObject, type StoredObject } from './stored-object.ts';
import { serveWatch } from './watch-response.ts';

/** Settings of the handler. */
export interface ResourceHandlerOptions {
  /** Time between bookmarks, in milliseconds. */
  readonly bookmarkIntervalMs: number;
  /** How long a list's continue token is good for, in milliseconds. */
  readonly continueTokenLifetimeMs: number;
  /** How `sendInitialEvents` is answered. */
  readonly streamingLists: () => StreamingLists;
  /** Whether an effect is (still) in force. */
  readonly isInForce: (effect: HandlingEffect) => boolean;
  /** Whether long answers are compressed for clients that take it. */
  readonly gzip: boolean;
}

/** A request for resources of a served type. */
export interface ResourceRequest {
  /** As it came in. */
  readonly request: ApiRequest;
  /** What it is about. */
  readonly target: ResourceTarget;
  /** The served type. */
  readonly type: ServedResource;
  /** The form of objects in the answer. */
  readonly form: AnswerForm;
  /** What goes wrong with it. */
  readonly effects: readonly HandlingEffect[];
}

/** Answers requests for resources of one cluster. */
export class ResourceHandler {
  readonly #state: ClusterState;
  readonly #options: ResourceHandlerOptions;
  readonly #counts: ServedCounts;

  constructor(state: ClusterState, counts: ServedCounts, options: ResourceHandlerOptions) {
    this.#state = state;
    this.#counts = counts;
    this.#options = options;
  }

  /**
   * Answers one request.
   *
   * @throws StatusError when it is refused
   */
  async answer(asked: ResourceRequest, sink: ResponseSink): Promise<void> {
    const { target } = asked;
    requireServed(asked);
    if (target.subresource === 'scale') return this.#answerScale(asked, sink);
    switch (target.verb) {
      case 'list':
        return this.#list(asked, sink);
      case 'watch':
        return this.#watch(asked, sink);
      case 'get':
        this.#get(asked, sink);
        return;
      case 'create':
        return this.#create(asked, sink);
      case 'update':
        return this.#update(asked, sink);
      case 'patch':
        return this.#patch(asked, sink);
      case 'delete':
        return this.#delete(asked, sink);
      case 'deletecollection':
        return this.#deleteCollection(asked, sink);
    }
  }

  #get(asked: ResourceRequest, sink: ResponseSink): void {
    const { request, target, type } = asked;
    const view = viewForRead(this.#viewOf(asked), request.query.get('resourceVersion') ?? '');
    const { objects } = snapshotOf(this.#state, this.#state.store(type), view);
    if (asked.form === 'partialMetadataList') {
      throw wrongForm('PartialObjectMetadataList', 'not a list');
    }
    const stored = objects.get(objectKey(target.namespace, target.name));
    if (stored === undefined) throw notFound(type, target.name);
    this.#send(asked, sink, { stored });
  }

  async #list(asked: ResourceRequest, sink: ResponseSink): Promise<void> {
    const { request, target, type, form, effects } = asked;
    if (form === 'partialMetadata') throw wrongForm('PartialObjectMetadata', 'a list');
    const options = this.#listOptions(asked, 'list');
    const { namespace, name } = target;
    if (effects.some(({ kind }) => kind === 'deleteBetweenPages')) {
      deleteFirstOfPage(this.#state, type, options);
    }
    const page = choosePage(this.#state, type, {
      namespace,
      options: name === '' ? options : selectName(options, name),
      tokenLifetimeMs: this.#options.continueTokenLifetimeMs,
      view: this.#viewOf(asked),
    });
    const nowMs = (): number => this.#state.clock.nowMs();
    const out = this.#compressing(request, sink);
    this.#counts.objectsServed += await sendList(out, page, { type, form, nowMs });
  }

  async #watch(asked: ResourceRequest, sink: ResponseSink): Promise<void> {
    const { target, type, form, effects } = asked;
    const options = this.#listOptions(asked, 'watch');
    const hasBookmarks = !effects.some(({ kind }) => kind === 'noBookmarks');
    await serveWatch(this.#state, sink, {
      type,
      form,
      namespace: target.namespace,
      options: target.name === '' ? options : selectName(options, target.name),
      bookmarkIntervalMs: hasBookmarks ? this.#options.bookmarkIntervalMs : Infinity,
      view: this.#viewOf(asked),
      counts: this.#counts,
    });
  }

  async #create(asked: ResourceRequest, sink: ResponseSink): Promise<void> {
    const { request, target, type } = asked;
    const received = asObject(await readRequestBody(request));
    const stored = createObject(this.#state, type, received, {
      namespace: target.namespace,
      ...writeOptions(request, target, 'Update'),
    });
    this.#send(asked, sink, { stored, status: 201 });
  }

  async #update(asked: ResourceRequest, sink: ResponseSink): Promise<void> {
    const { request, target, type } = asked;
    const received = asObject(await readRequestBody(request));
    const options = { ...target, ...writeOptions(request, target, 'Update') };
    this.#send(asked, sink, { stored: updateObject(this.#state, type, received, options) });
  }

  async #patch(asked: ResourceRequest, sink: ResponseSink): Promise<void> {
    const { request, target, type } = asked;
    const contentType = contentTypeOf(request);
    const isApply = contentType === patchTypes.apply;
    if (isApply && !request.query.get('fieldManager')) {
      const why = 'fieldManager: Required value: is required for apply patch';
      throw new StatusError('Invalid', `PatchOptions.meta.k8s.io "" is invalid: ${why}`);
    }
    const { stored, isCreated } = patchObject(this.#state, type, {
      contentType,
      patch: await readRequestBody(request),
      namespace: target.namespace,
      name: target.name,
      subresource: target.subresource,
      ...writeOptions(request, target, isApply ? 'Apply' : 'Update'),
    });
    this.#send(asked, sink, { stored, status: isCreated ? 201 : 200 });
  }

  async #delete(asked: ResourceRequest, sink: ResponseSink): Promise<void> {
    const { request, target, type } = asked;
    const options = deleteOptionsOf(request, await readRequestBody(request));
    const stored = requireObject(this.#state, type, target);
    const left = deleteObject(this.#state, type, stored, options);
    const isStillThere = this.#state.store(type).get(stored.key) !== undefined;
    if (isStillThere) {
      this.#send(asked, sink, { stored: left });
      return;
    }
    const details = { name: stored.name, ...kindDetails(type), uid: stored.uid };
    sendJson(sink, 200, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details,
    });
  }

  async #deleteCollection(asked: ResourceRequest, sink: ResponseSink): Promise<void> {
    const { request, target, type } = asked;
    const deleteOptions = deleteOptionsOf(request, await readRequestBody(request));
    const options = this.#listOptions(asked, 'list');
    const filter = createObjectFilter(type, options);
    const { namespace } = target;
    const doomed = [...this.#state.store(type).objects()]
      .filter((object) => namespace === '' || object.namespace === namespace)
      .filter((object) => filter?.(object) ?? true);
    for (const object of doomed) deleteObject(this.#state, type, object, deleteOptions);
    const { resourceVersion } = this.#state;
    const page = { objects: doomed, resourceVersion, continueToken: '' };
    const nowMs = (): number => this.#state.clock.nowMs();
    await sendList(sink, page, { type, form: asked.form, nowMs });
  }

  async #answerScale(asked: ResourceRequest, sink: ResponseSink): Promise<void> {
    const { request, target, type } = asked;
    const stored = requireObject(this.#state, type, target);
    const object = readObject(type, stored);
    if (target.verb === 'get') {
      sendJson(sink, 200, scaleOf(object));
      return;
    }
    if (target.verb !== 'patch' && target.verb !== 'update') throw notAllowed();
    const body = await readRequestBody(request);
    const contentType = target.verb === 'patch' ? contentTypeOf(request) : '';
    const scaled = fromScale(object, { contentType, body });
    const options = { ...target, ...writeOptions(request, target, 'Update'), subresource: '' };
    const updated = updateObject(this.#state, type, scaled, options);
    sendJson(sink, 200, scaleOf(readObject(type, updated)));
  }

  #listOptions({ request, type, effects }: ResourceRequest, verb: 'list' | 'watch'): ListOptions {
    const offered = this.#options.streamingLists();
    const isTaken = offered === 'served' && effects.some(({ kind }) => kind === 'noStreamingLists');
    const streamingLists = isTaken ? 'gated' : offered;
    return parseListOptions(type, request.query, { verb, streamingLists });
  }

  #viewOf({ effects }: ResourceRequest): StaleView | undefined {
    return staleViewOf(this.#state, effects, this.#options.isInForce);
  }

  /** Watches are never compressed, and must not come here. */
  #compressing(request: ApiRequest, sink: ResponseSink): ResponseSink {
    const isAsked = acceptsGzip(request.headers['accept-encoding']);
    if (!this.#options.gzip || !isAsked) return sink;
    return createGzipSink(sink, this.#counts.countCompressed);
  }

  #send(
    { request, type, form }: ResourceRequest,
    sink: ResponseSink,
    answer: { stored: StoredObject; status?: number },
  ): void {
    const printer = createPrinter(type, form, () => this.#state.clock.nowMs());
    const bytes = concatBytes([...printer.single(answer.stored), Buffer.from('\n')]);
    sendWhole(this.#compressing(request, sink), answer.status ?? 200, {
      contentType: 'application/json',
      bytes,
    });
  }
}

function wrongForm(asked: string, found: string): StatusError {
  const words = `you requested ${asked}, but the requested object is ${found}`;
  return new StatusError('NotAcceptable', words);
}

/** What a page that has a token begins with is deleted before it is read. */
function deleteFirstOfPage(state: ClusterState, type: ServedResource, options: ListOptions): void {
  if (options.continueToken === '') return;
  const { startKey } = decodeContinueToken(options.continueToken);
  const objects = state.store(type).objects();
  const doomed = objects.at(objects.lowerBound(startKey));
  if (doomed !== undefined) deleteObject(state, type, doomed, { gracePeriodSeconds: 0 });
}

function requireServed({ target, type, request }: ResourceRequest): void {
  const { subresource, verb, namespace, name } = target;
  if (subresource !== '' && !type.subresources.includes(subresource)) {
    throw new StatusError('NotFound', 'the server could not find the requested resource');
  }
  const needsNamespace = type.namespaced && (name !== '' || verb === 'create') && verb !== 'watch';
  if (needsNamespace && namespace === '') {
    throw new StatusError('BadRequest', 'namespace is required');
  }
  if (!type.namespaced && namespace !== '') {
    throw new StatusError('NotFound', 'the server could not find the requested resource');
  }
  if (!type.verbs.includes(verb) || (verb === 'create' && name !== '')) {
    throw notAllowed(request.method);
  }
}

function notAllowed(method = ''): StatusError {
  return new StatusError(
    'MethodNotAllowed',
    `the server does not allow this method on the requested resource${method === '' ? '' : `: ${method}`}`,
  );
}

function writeOptions(
  request: ApiRequest,
  target: ResourceTarget,
  operation: 'Apply' | 'Update',
): { manager: FieldManager; isDryRun: boolean } {
  const agent = request.headers['user-agent'] ?? 'unknown';
  const name = request.query.get('fieldManager') ?? agent.replace(/\/.*/, '');
  return {
    manager: { name, operation, subresource: target.subresource },
    isDryRun: request.query.get('dryRun') === 'All',
  };
}

function deleteOptionsOf(request: ApiRequest, body: JsonValue): DeleteOptions {
  const given = isJsonObject(body) ? body : {};
  const value = (key: string): JsonValue | undefined =>
    given[key] ?? request.query.get(key) ?? undefined;
  const { uid, resourceVersion } = objectAt(given, 'preconditions') ?? {};
  const policy = value('propagationPolicy');
  const grace = value('gracePeriodSeconds');
  const dryRun = value('dryRun');
  return {
    ...(policy === 'Orphan' || policy === 'Foreground' ? { propagationPolicy: policy } : {}),
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    ...(grace === undefined ? {} : { gracePeriodSeconds: Number(grace) }),
    isDryRun: dryRun === 'All' || (Array.isArray(dryRun) && dryRun.includes('All')),
  };
}

/** A list or watch of one name is one with a field selector. */
function selectName(options: ListOptions, name: string): ListOptions {
  const own = `metadata.name=${name}`;
  const fieldSelector = options.fieldSelector === '' ? own : `${options.fieldSelector},${own}`;
  return { ...options, fieldSelector };
}

function contentTypeOf(request: ApiRequest): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
}

function kindDetails(type: ServedResource): JsonObject {
  return type.group === ''
    ? { kind: type.resource }
    : { group: type.group, kind: storeNameOf(type).slice(0, type.resource.length) };
}

function asObject(body: JsonValue): JsonObject {
  if (isJsonObject(body)) return body;
  throw new StatusError('BadRequest', 'the body of the request is not an object');
}

function sendJson(sink: ResponseSink, status: number, value: JsonObject): void {
  const bytes = Buffer.from(`${stringifyJson(value)}\n`);
  sendWhole(sink, status, { contentType: 'application/json', bytes });
}
