// Answers the requests that read: one object, a list, a watch; and prints objects for all others.
import { type AnswerForm } from './accept-header.ts';
import { type ApiRequest } from './api-server.ts';
import { type ClusterState } from './cluster-state.ts';
import { decodeContinueToken } from './continue-token.ts';
import { type HandlingEffect } from './fault-effects.ts';
import { type ListOptions, parseListOptions } from './list-options.ts';
import { choosePage, sendList } from './list-response.ts';
import { acceptsGzip, createGzipSink } from './node-gzip-sink.ts';
import { createPrinter } from './object-form.ts';
import { deleteObject, notFound } from './object-writer.ts';
import { type ResourceTarget } from './request-target.ts';
import { concatBytes, type ResponseSink, sendWhole } from './response-sink.ts';
import { type ServedCounts } from './served-counts.ts';
import { type ServedResource } from './served-resource.ts';
import { type StreamingLists } from './server-version.ts';
import { snapshotOf, type StaleView, staleViewOf, viewForRead } from './stale-view.ts';
import { StatusError } from './status-error.ts';
import { objectKey, type StoredObject } from './stored-object.ts';
import { serveWatch } from './watch-response.ts';

/** How reading is answered. */
export interface ResourceReaderOptions {
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

/** Reads the resources of one cluster. */
export class ResourceReader {
  readonly #state: ClusterState;
  readonly #counts: ServedCounts;
  readonly #options: ResourceReaderOptions;

  constructor(state: ClusterState, counts: ServedCounts, options: ResourceReaderOptions) {
    this.#state = state;
    this.#counts = counts;
    this.#options = options;
  }

  /** Answers with one object. */
  get(asked: ResourceRequest, sink: ResponseSink): void {
    const { request, target, type } = asked;
    const view = viewForRead(this.#viewOf(asked), request.query.get('resourceVersion') ?? '');
    const { objects } = snapshotOf(this.#state, this.#state.store(type), view);
    if (asked.form === 'partialMetadataList') {
      throw wrongForm('PartialObjectMetadataList', 'not a list');
    }
    const stored = objects.get(objectKey(target.namespace, target.name));
    if (stored === undefined) throw notFound(type, target.name);
    this.send(asked, sink, { stored });
  }

  /** Answers with a list, or a page of one. */
  async list(asked: ResourceRequest, sink: ResponseSink): Promise<void> {
    const { request, target, type, form, effects } = asked;
    if (form === 'partialMetadata') throw wrongForm('PartialObjectMetadata', 'a list');
    const options = this.listOptions(asked, 'list');
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
    const served = await sendList(out, page, { type, form, nowMs });
    // Not in one step: other lists are counted while this one is sent.
    this.#counts.objectsServed += served;
  }

  /** Answers with changes, until the watch ends. */
  async watch(asked: ResourceRequest, sink: ResponseSink): Promise<void> {
    const { target, type, form, effects } = asked;
    const options = this.listOptions(asked, 'watch');
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

  /** The query of a list or a watch. */
  listOptions({ request, type, effects }: ResourceRequest, verb: 'list' | 'watch'): ListOptions {
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

  /** Sends one object in the form that was asked for. */
  send(
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

/** A list or watch of one name is one with a field selector. */
function selectName(options: ListOptions, name: string): ListOptions {
  const own = `metadata.name=${name}`;
  const fieldSelector = options.fieldSelector === '' ? own : `${options.fieldSelector},${own}`;
  return { ...options, fieldSelector };
}
