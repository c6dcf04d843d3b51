/**
 * The sockets of one client: a keep-alive agent made for the TLS credentials in force. When these
 * change, requests under way finish on the old agent and new ones use the new one.
 */
import type { Agent } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Credentials, TlsCredentials } from './credentials.ts';
import { HttpAgent } from './node-http.ts';
import { withSharedBuffer } from './node-read-buffer.ts';

/**
 * First TCP keepalive probe after this much silence. Linux then needs up to 9 x 75 s to give up, so
 * it keeps middleboxes from forgetting the connection; dead peers are found by the reader's own
 * idle timer.
 */
export const TCP_KEEPALIVE_MS = 15_000;

/**
 * How long a connection is kept for the next request, in milliseconds. Pages of a list follow each
 * other at once; a connection that nobody listens to may be dead for long, and each request that
 * tries one loses the whole wait for its headers.
 */
const FREE_SOCKET_MS = 5_000;

/** Hands out the agent to use. */
export class NodeConnections {
  readonly #scheme: 'http' | 'https';
  #tls: TlsCredentials | undefined;
  #agent: Agent | undefined;
  #adopted: TLSSocket | undefined;

  constructor(server: string) {
    this.#scheme = server.startsWith('https:') ? 'https' : 'http';
  }

  /** The agent for these credentials. */
  agentFor(credentials: Credentials): Agent {
    if (credentials.proxyAgent !== undefined) return credentials.proxyAgent;
    if (this.#agent !== undefined && sameTls(this.#tls, credentials.tls)) return this.#agent;
    this.#leave();
    this.#tls = credentials.tls;
    this.#agent = this.#make(credentials.tls);
    return this.#agent;
  }

  /** Uses this connection before making one. */
  adopt(socket: TLSSocket): void {
    this.#adopted = socket;
  }

  /** Ends every connection, also those in use. */
  close(): void {
    this.#takeAdopted()?.destroy();
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  #takeAdopted(): TLSSocket | undefined {
    const socket = this.#adopted;
    this.#adopted = undefined;
    return socket?.destroyed === true ? undefined : socket;
  }

  #make(tls: TlsCredentials): Agent {
    // Of the agent, `timeout` ends connections that are not in use, and no others.
    const options = {
      keepAlive: true,
      keepAliveMsecs: TCP_KEEPALIVE_MS,
      timeout: FREE_SOCKET_MS,
    };
    return this.#scheme === 'http'
      ? new PlainAgent(options)
      : new AdoptingAgent({ ...options, ...tls }, () => this.#takeAdopted());
  }

  /** Lets the old agent's connections end as their requests end. */
  #leave(): void {
    if (this.#agent === undefined) return;
    this.#agent.maxFreeSockets = 0;
    for (const sockets of Object.values(this.#agent.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy();
    }
  }
}

class PlainAgent extends HttpAgent {
  override createConnection(
    options: Parameters<Agent['createConnection']>[0],
    ...rest: RestOf<Agent>
  ): Duplex | null | undefined {
    return withSharedBuffer((onread) => super.createConnection({ ...options, ...onread }, ...rest));
  }
}

/** An agent that first asks whether there is a connection already. */
class AdoptingAgent extends HttpsAgent {
  readonly #adopted: () => TLSSocket | undefined;

  constructor(options: AgentOptions, adopted: () => TLSSocket | undefined) {
    super(options);
    this.#adopted = adopted;
  }

  override createConnection(
    options: Parameters<HttpsAgent['createConnection']>[0],
    ...rest: RestOf<HttpsAgent>
  ): Duplex | null | undefined {
    return (
      this.#adopted() ??
      withSharedBuffer((onread) => super.createConnection({ ...options, ...onread }, ...rest))
    );
  }
}

/** What `createConnection` takes beside its options. */
type RestOf<A extends Agent> =
  Parameters<A['createConnection']> extends [unknown, ...infer Rest] ? Rest : never;

/** Whether a connection that was made with the one may serve the other. */
export function sameTls(a: TlsCredentials | undefined, b: TlsCredentials): boolean {
  return (
    a !== undefined &&
    sameBytes(a.ca, b.ca) &&
    sameBytes(a.cert, b.cert) &&
    sameBytes(a.key, b.key) &&
    a.servername === b.servername &&
    a.rejectUnauthorized === b.rejectUnauthorized
  );
}

function sameBytes(a: string | Buffer | undefined, b: string | Buffer | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return Buffer.from(a).equals(Buffer.from(b));
}
