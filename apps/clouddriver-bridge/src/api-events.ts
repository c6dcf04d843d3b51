/** `GET /api/v1/events`: every committed change as server-sent events, resumable. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { type ApiClient } from './access/api-client.ts';
import { readEventsQuery } from './api-query.ts';
import { Alarm } from './gateway/alarm.ts';
import { type CommittedEvent, type CommittedEvents } from './gateway/committed-events.ts';

/** What the route needs. */
export interface EventRoutesDeps {
  readonly events: Pick<CommittedEvents, 'listen' | 'read' | 'tip' | 'idOf' | 'placeAfter'>;
  readonly clock: { sleep(ms: number, signal: AbortSignal): Promise<void> };
  /** Aborts when the bridge stops: streams end then. */
  readonly stopping: AbortSignal;
  /** Who calls. */
  clientOf(request: object): ApiClient;
}

/** One stream. */
interface EventStream extends EventRoutesDeps {
  readonly isWanted: (event: CommittedEvent) => boolean;
  /** `undefined`: from now on. */
  readonly lastEventId: string | undefined;
  /** Aborts when the client has gone, or may not listen any more. */
  readonly gone: AbortSignal;
}

/** Proxies close connections on which nothing is said; many do after 30 s. */
const heartbeatMs = 15_000;
const eventsAtOnce = 500;

/** Adds the route. */
export function addEventRoutes(app: FastifyInstance, deps: EventRoutesDeps): void {
  app.get('/api/v1/events', async (request, reply) => {
    const client = deps.clientOf(request);
    const { account, kind, namespace } = readEventsQuery(request.query);
    const isWanted = (event: CommittedEvent): boolean =>
      client.mayRead(event.account) &&
      [undefined, event.account].includes(account) &&
      [undefined, event.kind].includes(kind) &&
      [undefined, event.namespace === '' ? '_' : event.namespace].includes(namespace);
    const gone = new AbortController();
    const end = (): void => gone.abort();
    const stopWatching = client.watch({ account }, end);
    request.raw.once('close', end);
    const { 'last-event-id': last } = request.headers;
    const lastEventId = typeof last === 'string' && last !== '' ? last : undefined;
    const lines = eventLines({ ...deps, isWanted, lastEventId, gone: gone.signal });
    const body = Readable.from(lines).once('close', stopWatching);
    return reply
      .type('text/event-stream')
      .header('cache-control', 'no-cache')
      .header('x-accel-buffering', 'no') // nginx would hold the stream back.
      .send(body);
  });
}

/**
 * The text of the stream. `event: change` for each change; `event: lost` first when what followed
 * `Last-Event-ID` is not remembered: whoever keeps a copy must read it anew.
 */
export async function* eventLines(stream: EventStream): AsyncGenerator<string, void, undefined> {
  const { events, stopping, gone, lastEventId } = stream;
  const alarm = new Alarm();
  const ring = (): void => alarm.ring();
  const ended = new AbortController();
  const stopListening = events.listen(ring);
  const signals = [stopping, gone];
  for (const signal of signals) signal.addEventListener('abort', ring, { once: true });
  void beat(stream, { ring, signal: ended.signal });
  try {
    // The head of the answer goes out with the first piece of its body.
    yield ': committed changes\n\n';
    const asked = lastEventId === undefined ? events.tip : events.placeAfter(lastEventId);
    let place = asked ?? -1;
    while (!signals.some(({ aborted }) => aborted)) {
      const read = events.read(place, eventsAtOnce);
      if (read.kind === 'lost') {
        place = events.tip;
        yield sse(
          'lost',
          { reason: 'changes before this are not known any more' },
          place - 1,
          events,
        );
        continue;
      }
      const text = read.events
        .map((event, at) =>
          stream.isWanted(event) ? sse('change', event, place + at, events) : '',
        )
        .join('');
      place += read.events.length;
      if (text !== '') yield text;
      if (read.events.length > 0) continue;
      await alarm.rung();
      if (events.tip === place) yield ':\n\n';
    }
  } finally {
    ended.abort();
    stopListening();
    for (const signal of signals) signal.removeEventListener('abort', ring);
  }
}

function sse(
  event: string,
  data: object,
  place: number,
  events: Pick<CommittedEvents, 'idOf'>,
): string {
  return `id: ${events.idOf(place)}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

async function beat(
  { clock }: EventRoutesDeps,
  { ring, signal }: { readonly ring: () => void; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    // Rejects when the stream has ended, which the loop sees.
    await clock.sleep(heartbeatMs, signal).catch(() => undefined);
    ring();
  }
}
