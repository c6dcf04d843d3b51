/** The gateway's HTTP: requests from Node's server, answers back to it, and connections that switch. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Duplex } from 'node:stream';
import { noBody, type ApiBody, type ApiResponse } from '@fairlead/api-tunnel';
import { clientCredentialsOf } from '../access/client-credentials.ts';
import { discardRest } from './discard-rest.ts';
import { type Gateway, type GatewayCall, type GatewayExchange } from './gateway.ts';
import { runSwitched, writeRefusal } from './node-switched-socket.ts';
import { answerHeadersOf, requestHeadersOf } from './travelling-headers.ts';

/** What the front works with. */
export interface GatewayFrontDeps {
  readonly gateway: Pick<Gateway, 'begin'>;
}

/** Brings HTTP to the gateway. */
export class GatewayFront {
  readonly #gateway: Pick<Gateway, 'begin'>;

  constructor({ gateway }: GatewayFrontDeps) {
    this.#gateway = gateway;
  }

  /** Answers a request. Never rejects. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const ended = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) ended.abort();
    });
    const body = bodyOf(request);
    const exchange = await this.#gateway.begin({
      ...callOf(request),
      ended,
      upgrade: '',
      body,
    });
    try {
      await sendAnswer(exchange.response, response);
      exchange.end('whole');
    } catch {
      // The body broke off, or the client has gone: the audit log has it, and the client sees it.
      response.destroy();
      exchange.end('broken');
    }
    discardRest(request);
  }

  /** Switches a connection to another protocol. Never rejects. */
  async switch(request: IncomingMessage, socket: Duplex, first: Buffer): Promise<void> {
    const ended = new AbortController();
    socket.once('close', () => ended.abort());
    socket.on('error', () => ended.abort());
    const body = socketBody(socket, first);
    const upgrade = request.headers.upgrade ?? '';
    const exchange = await this.#gateway.begin({ ...callOf(request), ended, upgrade, body });
    await finish(exchange, socket);
  }
}

async function finish(exchange: GatewayExchange, socket: Duplex): Promise<void> {
  const { response } = exchange;
  try {
    if (response.status === 101) await runSwitched(response, socket);
    else await writeRefusal(response, socket);
    exchange.end('whole');
  } catch {
    // As above: whoever is left sees a connection that breaks.
    socket.destroy();
    exchange.end('broken');
  }
}

type CallOf = Omit<GatewayCall, 'body' | 'upgrade' | 'ended'>;

function callOf(request: IncomingMessage): CallOf {
  return {
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: requestHeadersOf(request),
    credentials: clientCredentialsOf(request),
  };
}

/** A request without a length and without chunks has no body. */
function bodyOf(request: IncomingMessage): ApiBody {
  const { headers } = request;
  const hasBody =
    headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return hasBody ? chunksFrom(request) : noBody;
}

/** Leaving the loop must not destroy the socket: the answer goes out on it. */
function chunksFrom(stream: Duplex | IncomingMessage): AsyncIterable<Uint8Array> {
  return stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
}

async function* socketBody(
  socket: Duplex,
  first: Buffer,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (first.length > 0) yield first;
  yield* chunksFrom(socket);
}

async function sendAnswer(answer: ApiResponse, response: ServerResponse): Promise<void> {
  const { status, headers, body } = answer;
  // A body of another length than its head says would be taken for part of the next answer.
  response.strictContentLength = true;
  response.writeHead(status, { ...lengthOf(body), ...answerHeadersOf(headers) });
  if (body instanceof Uint8Array) {
    await finished(response, () => response.end(body));
    return;
  }
  // A watch says nothing for a while: its head must not wait for that.
  response.flushHeaders();
  for await (const chunk of body) {
    if (!response.write(chunk)) await drained(response);
  }
  await finished(response, () => response.end());
}

/** What is known whole need not come in chunks. A body that is not there has the length it says. */
function lengthOf(body: ApiBody): Record<string, string> {
  const isKnown = body instanceof Uint8Array && body.length > 0;
  return isKnown ? { 'content-length': String(body.length) } : {};
}

/** Resolves when the client may be sent more; rejects when it has gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      response.off('drain', settle).off('close', settle);
      if (response.destroyed) reject(new Error('the client has gone'));
      else resolve();
    };
    response.on('drain', settle).on('close', settle);
    if (response.destroyed) settle();
  });
}

/** Resolves when everything is handed to the system; rejects when the client has gone before. */
function finished(response: ServerResponse, end: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    response.once('finish', resolve);
    response.once('close', () => {
      if (!response.writableFinished) reject(new Error('the client has gone'));
    });
    end();
  });
}
