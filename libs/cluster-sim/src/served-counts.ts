// What one simulated API server has served, counted where it happens.
import { type RequestTarget, type Verb } from './request-target.ts';
import { PassingSink, type ResponseSink } from './response-sink.ts';

/** Counters of one cluster; all but `openWatches` only go up. */
export interface SimStats {
  /** Requests answered, of every kind. */
  readonly requests: number;
  /** The same by Kubernetes verb; 'other' is discovery, health and the like. */
  readonly requestsByVerb: Readonly<Record<Verb | 'other', number>>;
  /** Watch events sent (initial ones and bookmarks apart). */
  readonly eventsServed: number;
  /** Objects sent at the start of watches. */
  readonly initialEventsServed: number;
  /** Bookmarks sent. */
  readonly bookmarksServed: number;
  /** Objects sent in lists. */
  readonly objectsServed: number;
  /** Bytes of bodies before compression. */
  readonly bodyBytes: number;
  /** Bytes of bodies as they were sent: fewer than `bodyBytes` where gzip was asked for. */
  readonly sentBytes: number;
  /** Watches being served now. */
  readonly openWatches: number;
}

/** The counters, open for change by those who serve. */
export class ServedCounts implements SimStats {
  readonly requestsByVerb: Record<Verb | 'other', number> = {
    create: 0,
    delete: 0,
    deletecollection: 0,
    get: 0,
    list: 0,
    patch: 0,
    update: 0,
    watch: 0,
    other: 0,
  };
  requests = 0;
  eventsServed = 0;
  initialEventsServed = 0;
  bookmarksServed = 0;
  objectsServed = 0;
  bodyBytes = 0;
  sentBytes = 0;
  openWatches = 0;

  /** Counts a request. */
  countRequest(target: RequestTarget): void {
    this.requests++;
    this.requestsByVerb[target.kind === 'resource' ? target.verb : 'other']++;
  }

  /** A compressed answer: its sent bytes were counted as its body. */
  readonly countCompressed = (bytes: { plain: number; compressed: number }): void => {
    this.bodyBytes += bytes.plain - bytes.compressed;
  };

  /** The counters as they are now. */
  snapshot(): SimStats {
    const { countCompressed: _method, ...counters } = this;
    return { ...counters, requestsByVerb: { ...this.requestsByVerb } };
  }

  /** Counts the bytes that go through a sink. */
  countBytes(sink: ResponseSink): ResponseSink {
    return new CountingSink(sink, this);
  }
}

class CountingSink extends PassingSink {
  readonly #counts: ServedCounts;

  constructor(sink: ResponseSink, counts: ServedCounts) {
    super(sink);
    this.#counts = counts;
  }

  override write(bytes: Uint8Array): boolean {
    this.#counts.bodyBytes += bytes.length;
    this.#counts.sentBytes += bytes.length;
    return super.write(bytes);
  }
}
