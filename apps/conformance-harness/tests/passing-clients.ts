/** Clients that ask something long of an API server, and go away in its middle, as Ctrl-C does. */
import { request } from 'node:http';
import { type Duplex } from 'node:stream';

/** What people interrupt. */
export const longRequests = {
  watch: '/api/v1/namespaces/default/configmaps?watch=true',
  'logs -f': '/api/v1/namespaces/default/pods/echo/log?follow=true',
  exec: '/api/v1/namespaces/default/pods/echo/exec?command=cat&stdin=true&stdout=true',
  'port-forward': '/api/v1/namespaces/default/pods/echo/portforward',
} as const;

/** Of what is interrupted. */
export type LongRequest = keyof typeof longRequests;

/** A client in the middle of something. */
export interface PassingClient {
  /** Goes away without a word: its connection is closed. */
  leave(): void;
  /** Resolves when its connection is closed, by whomever. */
  readonly ended: Promise<void>;
}

/** WebSocket subprotocols, as kubectl asks for them. */
const protocols: Readonly<Partial<Record<LongRequest, string>>> = {
  exec: 'v5.channel.k8s.io',
  'port-forward': 'SPDY/3.1+portforward.k8s.io',
};

/**
 * Asks at `url`, with a token if one is needed; resolves when the first of the answer has come, or the
 * connection is switched.
 */
export function startLongRequest(
  url: string,
  what: LongRequest,
  { token }: { readonly token?: string } = {},
): Promise<PassingClient> {
  const protocol = protocols[what];
  const proof = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${longRequests[what]}`, {
      agent: false,
      headers: { ...proof, ...(protocol === undefined ? {} : webSocketHeaders(protocol)) },
    });
    const started = (socket: Duplex) => {
      socket.on('error', () => undefined);
      // An end that nobody reads is not seen.
      socket.resume();
      resolve({
        leave: () => {
          socket.destroy();
        },
        ended: new Promise((end) => socket.once('close', () => end())),
      });
    };
    asked.once('error', reject);
    asked.once('upgrade', (_response, socket) => {
      started(socket);
    });
    asked.once('response', (response) => {
      // The end of the connection is the end of the answer; it is no news.
      response.on('error', () => undefined);
      if (response.statusCode !== 200) {
        reject(new Error(`${what}: ${String(response.statusCode)}`));
        response.resume();
        return;
      }
      response.once('data', () => {
        started(response.socket);
      });
    });
    asked.end();
  });
}

function webSocketHeaders(protocol: string): Record<string, string> {
  return {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    // Any 16 bytes: nobody here checks the answer.
    'sec-websocket-key': Buffer.alloc(16, 'k').toString('base64'),
    'sec-websocket-protocol': protocol,
  };
}
