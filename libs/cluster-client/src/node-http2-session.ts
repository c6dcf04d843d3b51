/**
 * One HTTP/2 connection to an API server: the TLS handshake that asks for it, windows that bound what
 * lies here unread, and a ping when it is silent.
 */
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { isIP } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { TlsCredentials } from './credentials.ts';
import { ClusterClientError } from './cluster-client-error.ts';
import { fingerprintOf } from './identify.ts';
import { TCP_KEEPALIVE_MS } from './node-connections.ts';
import { closedError } from './node-transport.ts';

/**
 * What one stream may send before it is read, in bytes. Measured on loopback: with 64 KiB a list
 * costs half as much CPU again, with more than 256 KiB no less.
 */
const STREAM_WINDOW_BYTES = 256 * 1024;
/**
 * The same for all streams of a connection together: enough that 50 lists that nobody reads (as many
 * as one account may run by default) cannot
 * hold up a watch beside them.
 */
const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;
/** Room for a connection's buffers, in megabytes; Node ends it beyond that. Above the window. */
const SESSION_MEMORY_MB = 64;
/** Streams on one connection, where the server allows more: kube-apiserver's own default is 100. */
const MAX_STREAMS = 100;

/** Address and TLS side of a connection. */
export interface SessionTarget {
  /** `https:` address of the API server. */
  readonly server: string;
  readonly tls: TlsCredentials;
  /** Longest wait for TCP, TLS and the first HTTP/2 frame together. */
  readonly connectTimeoutMs: number;
  /**
   * A connection with requests under way that is silent for so long is asked for a sign of life.
   * client-go: 30 s (`ReadIdleTimeout`).
   */
  readonly pingAfterMs: number;
  /** And is given up when there is none for so long. client-go: 15 s (`PingTimeout`). */
  readonly pingTimeoutMs: number;
  /**
   * A connection that nobody has used for so long is closed, looked at each `pingAfterMs`.
   * @defaultValue never
   */
  readonly idleTimeoutMs?: number;
}

/**
 * A connection that nobody used for longer is asked for a sign of life together with the next request
 * on it, in milliseconds: it may be dead, and nobody listened.
 */
const DOUBTFUL_AFTER_MS = 5_000;

/** What the server chose: a session, or the socket on which it wants to speak HTTP/1.1. */
export type Negotiated =
  | { readonly protocol: 'h2'; readonly session: NodeHttp2Session }
  | { readonly protocol: 'http/1.1'; readonly socket: TLSSocket };

/** Connects and lets the server choose, until `signal`. Rejects with `ClusterClientError`. */
export async function negotiate(target: SessionTarget, signal: AbortSignal): Promise<Negotiated> {
  const deadline = new ClusterClientError('timeout', 'no connection to the API server in time');
  let socket: TLSSocket | undefined;
  const timer = setTimeout(() => socket?.destroy(deadline), target.connectTimeoutMs);
  const abort = (): void => void socket?.destroy(closedError());
  signal.addEventListener('abort', abort, { once: true });
  try {
    socket = openSocket(target);
    await eventOf(socket, 'secureConnect');
    if (socket.alpnProtocol !== 'h2') return { protocol: 'http/1.1', socket };
    const session = new NodeHttp2Session(socket, target);
    await session.ready();
    return { protocol: 'h2', session };
  } catch (error: unknown) {
    socket?.destroy();
    throw ClusterClientError.from(error, 'unreachable');
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

function openSocket({ server, tls }: SessionTarget): TLSSocket {
  const { hostname, port } = new URL(server);
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = connectTls({
    host,
    port: port === '' ? 443 : Number(port),
    servername: isIP(host) === 0 ? host : '',
    ALPNProtocols: ['h2', 'http/1.1'],
    ...tls,
  });
  socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
  socket.setNoDelay(true);
  return socket;
}

/** A connection, and how many requests are on it. */
export class NodeHttp2Session {
  readonly http2: ClientHttp2Session;
  readonly certificateFingerprint: string;
  readonly #socket: TLSSocket;
  readonly #target: SessionTarget;
  #streams = 0;
  #isSpent = false;
  /** Since when nobody uses it, as `performance.now()`. */
  #idleSinceMs = performance.now();
  #pingDeadline: NodeJS.Timeout | undefined;

  constructor(socket: TLSSocket, target: SessionTarget) {
    this.#socket = socket;
    this.#target = target;
    this.certificateFingerprint = fingerprintOf(socket);
    this.http2 = connectHttp2(target.server, {
      createConnection: () => socket,
      maxSessionMemory: SESSION_MEMORY_MB,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
    });
    this.http2.once('connect', () => this.http2.setLocalWindowSize(CONNECTION_WINDOW_BYTES));
    // Errors end the streams with them, which tell; without a listener they would be thrown.
    this.http2.on('error', ignoreSessionError);
    this.#watchSilence();
  }

  /** Resolves when the server has said what it allows. */
  async ready(): Promise<void> {
    await eventOf(this.http2, 'remoteSettings');
  }

  /** Whether another request may go on it. */
  get hasRoom(): boolean {
    if (this.#isSpent || this.http2.closed || this.http2.destroyed) return false;
    return (
      this.#streams < Math.min(MAX_STREAMS, this.http2.remoteSettings.maxConcurrentStreams ?? 0)
    );
  }

  /** Whether it can serve nobody any more. */
  get isOver(): boolean {
    return this.http2.destroyed || ((this.#isSpent || this.http2.closed) && this.#streams === 0);
  }

  /** Reserves a stream; call `release` when it is closed or not used. */
  take(): void {
    this.#streams += 1;
    if (this.#streams > 1) return;
    if (performance.now() - this.#idleSinceMs > DOUBTFUL_AFTER_MS) this.#ping();
  }

  /** Gives a stream back. */
  release(): void {
    this.#streams -= 1;
    if (this.#streams > 0) return;
    this.#idleSinceMs = performance.now();
    if (this.#isSpent) this.http2.close();
  }

  /** Takes no more requests; ends with the last that is under way. */
  retire(): void {
    this.#isSpent = true;
    if (this.#streams === 0) this.http2.close();
  }

  /** Ends at once; requests under way fail with `error`. */
  destroy(error: ClusterClientError): void {
    this.http2.destroy(error);
  }

  /** Asks for a sign of life when nothing came for a while though somebody waits. */
  #watchSilence(): void {
    const { pingAfterMs, idleTimeoutMs = Infinity } = this.#target;
    let seenBytes = 0;
    const look = (): void => {
      const isSilent = this.#socket.bytesRead === seenBytes;
      seenBytes = this.#socket.bytesRead;
      if (this.#streams > 0) {
        if (isSilent) this.#ping();
      } else if (performance.now() - this.#idleSinceMs > idleTimeoutMs) this.retire();
    };
    const timer = setInterval(look, pingAfterMs).unref();
    this.http2.once('close', () => {
      clearInterval(timer);
      clearTimeout(this.#pingDeadline);
    });
  }

  #ping(): void {
    // Already destroyed and not yet closed: a ping would throw.
    if (this.http2.destroyed || this.#pingDeadline !== undefined) return;
    const giveUp = (): void => this.destroy(silentError());
    this.#pingDeadline = setTimeout(giveUp, this.#target.pingTimeoutMs);
    this.http2.ping(() => {
      clearTimeout(this.#pingDeadline);
      this.#pingDeadline = undefined;
    });
  }
}

function silentError(): ClusterClientError {
  return new ClusterClientError('interrupted', 'the API server does not answer pings any more');
}

function ignoreSessionError(): void {
  // Each stream on the session has been told.
}

/** Resolves with the event; rejects with `error`, or when it is closed before. */
function eventOf(emitter: NodeJS.EventEmitter, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      emitter.off(event, onEvent).off('error', onError).off('close', onClose);
      act();
    };
    const onEvent = (): void => settle(resolve);
    const onError = (error: Error): void => settle(() => reject(error));
    const onClose = (): void =>
      settle(() => reject(new ClusterClientError('unreachable', 'the connection was closed')));
    emitter.once(event, onEvent).once('error', onError).once('close', onClose);
  });
}
