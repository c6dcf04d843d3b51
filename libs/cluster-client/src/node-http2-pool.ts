/**
 * The HTTP/2 sessions of one client to one server: as many as its requests need, made anew when the
 * certificate changes. A server that does not take HTTP/2 is spoken to in HTTP/1.1 from then on.
 */
import type { TLSSocket } from 'node:tls';
import type { TlsCredentials } from './credentials.ts';
import { sameTls } from './node-connections.ts';
import { negotiate, type NodeHttp2Session, type SessionTarget } from './node-http2-session.ts';
import { closedError } from './node-transport.ts';

/** What sessions are made with, and who takes a connection that is none. */
export interface Http2PoolOptions extends Omit<SessionTarget, 'tls'> {
  /** Takes the socket on which the server wants to speak HTTP/1.1. */
  readonly onHttp1: (socket: TLSSocket) => void;
}

/** Sessions that have room, or new ones. */
export class NodeHttp2Pool {
  readonly #options: Http2PoolOptions;
  #sessions: NodeHttp2Session[] = [];
  #tls: TlsCredentials | undefined;
  #connecting: Promise<void> | undefined;
  #speaksHttp1 = false;
  readonly #closing = new AbortController();

  constructor(options: Http2PoolOptions) {
    this.#options = options;
  }

  /**
   * A session with a stream reserved on it, to be released by the caller. Given back when `signal`
   * aborts before: then rejects with its reason.
   */
  async reserve(tls: TlsCredentials, signal: AbortSignal): Promise<NodeHttp2Session | 'http/1.1'> {
    const reserving = this.#session(tls);
    try {
      return await orAborted(reserving, signal);
    } catch (error: unknown) {
      // What the reserving fails with is the error here, or comes too late to matter.
      reserving.then(
        (session) => session !== 'http/1.1' && session.release(),
        () => undefined,
      );
      throw error;
    }
  }

  /** A session that is there with room, reserved; undefined when one must be waited for. */
  reserveAtOnce(tls: TlsCredentials): NodeHttp2Session | 'http/1.1' | undefined {
    if (this.#closing.signal.aborted) throw closedError();
    if (this.#speaksHttp1) return 'http/1.1';
    this.#renew(tls);
    const session = this.#sessions.find(({ hasRoom }) => hasRoom);
    session?.take();
    return session;
  }

  /** Ends every session; what is under way fails with `closed`. */
  close(): void {
    this.#closing.abort();
    for (const session of this.#sessions) session.destroy(closedError());
    this.#sessions = [];
  }

  /**
   * A session with room, or a new one; at most one is being made at a time. The stream is counted
   * at once: all who waited for a new session go on in the same turn.
   */
  async #session(tls: TlsCredentials): Promise<NodeHttp2Session | 'http/1.1'> {
    for (;;) {
      const session = this.reserveAtOnce(tls);
      if (session !== undefined) return session;
      this.#connecting ??= this.#connect(tls).finally(() => (this.#connecting = undefined));
      await this.#connecting;
    }
  }

  /** A connection lives with the certificate that it was made with. */
  #renew(tls: TlsCredentials): void {
    if (this.#tls !== tls) {
      const isSame = sameTls(this.#tls, tls);
      this.#tls = tls;
      if (!isSame) for (const session of this.#sessions) session.retire();
    }
    if (this.#sessions.some(({ isOver }) => isOver)) {
      this.#sessions = this.#sessions.filter(({ isOver }) => !isOver);
    }
  }

  async #connect(tls: TlsCredentials): Promise<void> {
    const { onHttp1, ...target } = this.#options;
    const made = await negotiate({ ...target, tls }, this.#closing.signal);
    if (made.protocol === 'http/1.1') {
      this.#speaksHttp1 = true;
      onHttp1(made.socket);
    } else if (this.#closing.signal.aborted || !sameTls(this.#tls, tls)) {
      made.session.retire();
    } else {
      this.#sessions.push(made.session);
    }
  }
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    void promise
      .then(resolve, (error: unknown) => reject(error as Error))
      .finally(() => {
        signal.removeEventListener('abort', abort);
      });
  });
}
