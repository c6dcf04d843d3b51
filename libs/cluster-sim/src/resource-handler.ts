// Answers requests for resources: hands on those that read, does those that write, and prints what
// came out.
import { type ApiRequest } from './api-server.ts';
import { type ClusterState } from './cluster-state.ts';
import { sendDocument } from './document-answers.ts';
import { isJsonObject, type JsonObject, type JsonValue, objectAt } from './json-value.ts';
import { sendList } from './list-response.ts';
import { type FieldManager } from './managed-fields.ts';
import { createObjectFilter } from './object-filter.ts';
import {
  createObject,
  deleteObject,
  type DeleteOptions,
  requireObject,
  updateObject,
} from './object-writer.ts';
import { patchObject, patchTypes } from './patching.ts';
import { readRequestBody } from './request-body.ts';
import { type ResourceTarget } from './request-target.ts';
import { type ResourceReader, type ResourceRequest } from './resource-reader.ts';
import { type ResponseSink } from './response-sink.ts';
import { fromScale, scaleOf } from './scale-subresource.ts';
import { type ServedResource, storeNameOf } from './served-resource.ts';
import { StatusError } from './status-error.ts';
import { readObject } from './stored-object.ts';

/** Answers requests for resources of one cluster. */
export class ResourceHandler {
  readonly #state: ClusterState;
  readonly #reader: ResourceReader;

  constructor(state: ClusterState, reader: ResourceReader) {
    this.#state = state;
    this.#reader = reader;
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
        return this.#reader.list(asked, sink);
      case 'watch':
        return this.#reader.watch(asked, sink);
      case 'get':
        this.#reader.get(asked, sink);
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

  async #create(asked: ResourceRequest, sink: ResponseSink): Promise<void> {
    const { request, target, type } = asked;
    const received = asObject(await readRequestBody(request));
    const stored = createObject(this.#state, type, received, {
      namespace: target.namespace,
      ...writeOptions(request, target, 'Update'),
    });
    this.#reader.send(asked, sink, { stored, status: 201 });
  }

  async #update(asked: ResourceRequest, sink: ResponseSink): Promise<void> {
    const { request, target, type } = asked;
    const received = asObject(await readRequestBody(request));
    const options = { ...target, ...writeOptions(request, target, 'Update') };
    this.#reader.send(asked, sink, { stored: updateObject(this.#state, type, received, options) });
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
    this.#reader.send(asked, sink, { stored, status: isCreated ? 201 : 200 });
  }

  async #delete(asked: ResourceRequest, sink: ResponseSink): Promise<void> {
    const { request, target, type } = asked;
    const options = deleteOptionsOf(request, await readRequestBody(request));
    const stored = requireObject(this.#state, type, target);
    const left = deleteObject(this.#state, type, stored, options);
    const isStillThere = this.#state.store(type).get(stored.key) !== undefined;
    if (isStillThere) {
      this.#reader.send(asked, sink, { stored: left });
      return;
    }
    const details = { name: stored.name, ...kindDetails(type), uid: stored.uid };
    sendDocument(sink, 200, {
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
    const options = this.#reader.listOptions(asked, 'list');
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
      sendDocument(sink, 200, scaleOf(object));
      return;
    }
    if (target.verb !== 'patch' && target.verb !== 'update') throw notAllowed();
    const body = await readRequestBody(request);
    const contentType = target.verb === 'patch' ? contentTypeOf(request) : '';
    const scaled = fromScale(object, { contentType, body });
    const options = { ...target, ...writeOptions(request, target, 'Update'), subresource: '' };
    const updated = updateObject(this.#state, type, scaled, options);
    sendDocument(sink, 200, scaleOf(readObject(type, updated)));
  }
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
