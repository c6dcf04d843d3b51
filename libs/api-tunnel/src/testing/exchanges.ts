/** Requests, answers and joined ends of a tunnel for tests. */
import type { AgentTunnelMessage, BridgeTunnelMessage } from '@fairlead/protocol';
import { serveTunnel } from '../answer-tunnel.ts';
import {
  chunksOf,
  noBody,
  type ApiBody,
  type ApiHandler,
  type ApiRequest,
  type ApiResponse,
} from '../api-exchange.ts';
import { RequestTunnel } from '../request-tunnel.ts';
import { ManualTimers } from './manual-timers.ts';
import { wirePair } from './wire-pair.ts';

/** A GET, unless told otherwise. */
export function aRequest(parts: Partial<ApiRequest> = {}): ApiRequest {
  return {
    ...{ method: 'GET', target: '/api/v1/pods', headers: {}, upgrade: '', body: noBody },
    ...{ caller: 'somebody', signal: new AbortController().signal },
    ...parts,
  };
}

/** An answer 200 with this body. */
export function anAnswer(body: ApiBody | string, parts: Partial<ApiResponse> = {}): ApiResponse {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return { status: 200, headers: {}, body: bytes, ...parts };
}

/** The body as text. */
export async function textOf(body: ApiBody): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(body)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Lets everything that waits for nothing but its turn happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

/** Both ends of a tunnel, joined in memory; the far one answers with `handler`. */
export function aTunnel(handler: ApiHandler) {
  const [near, far] = wirePair<BridgeTunnelMessage, AgentTunnelMessage>();
  const clock = new ManualTimers();
  const faults: unknown[] = [];
  const happened: string[] = [];
  serveTunnel({
    ...{ wire: far, clock, findHandler: (account) => (account === 'prod' ? handler : undefined) },
    onFault: (error) => faults.push(error),
    onClosed: () => happened.push('far closed'),
  });
  const tunnel = new RequestTunnel({
    ...{ wire: near, clock },
    onIdle: () => happened.push('idle'),
    onClosed: (_tunnel, reason) => happened.push(`closed: ${reason}`),
  });
  return { tunnel, near, far, clock, faults, happened };
}
