/**
 * The services of `tunnel.proto` with an encoding of bodies that copies them once. The generated one
 * copies each piece four times: into a growing buffer, out of it, into a Buffer.
 */
import { makeGenericClientConstructor } from '@grpc/grpc-js';
import {
  AgentTunnelMessage,
  BridgeTunnelMessage,
  PeerServiceClient as GeneratedPeerServiceClient,
  PeerServiceService as generatedPeerService,
  TunnelServiceClient as GeneratedTunnelServiceClient,
  TunnelServiceService as generatedTunnelService,
} from './gen/fairlead/v1/tunnel.ts';

/** Encodes an agent's message. */
export function encodeAgentTunnelMessage(message: AgentTunnelMessage): Buffer {
  const { data } = message;
  const rest = AgentTunnelMessage.encode({ ...message, data: noData }).finish();
  return withData(agentDataTag, data, rest);
}

/** Encodes a bridge's message. */
export function encodeBridgeTunnelMessage(message: BridgeTunnelMessage): Buffer {
  const { data } = message;
  const rest = BridgeTunnelMessage.encode({ ...message, data: noData }).finish();
  return withData(bridgeDataTag, data, rest);
}

const noData = new Uint8Array(0);

/** Field 3 of AgentTunnelMessage and field 2 of BridgeTunnelMessage, both of wire type 2. */
const agentDataTag = (3 << 3) | 2;
const bridgeDataTag = (2 << 3) | 2;

/** Fields of a message may stand in any order: the data comes first. */
function withData(tag: number, data: Uint8Array, rest: Uint8Array): Buffer {
  if (data.length === 0) return Buffer.from(rest.buffer, rest.byteOffset, rest.length);
  const start = 1 + varintBytes(data.length);
  const encoded = Buffer.allocUnsafe(start + data.length + rest.length);
  encoded[0] = tag;
  let left = data.length;
  for (let at = 1; at < start; at += 1) {
    encoded[at] = (left & 0x7f) | (at < start - 1 ? 0x80 : 0);
    left >>>= 7;
  }
  encoded.set(data, start);
  encoded.set(rest, start + data.length);
  return encoded;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let left = value >>> 7; left > 0; left >>>= 7) bytes += 1;
  return bytes;
}

/** What agents open tunnels at. */
export const TunnelServiceService = {
  tunnel: {
    ...generatedTunnelService.tunnel,
    requestSerialize: encodeAgentTunnelMessage,
    responseSerialize: encodeBridgeTunnelMessage,
  },
} as const;

/** What bridges send each other's requests to. */
export const PeerServiceService = {
  exchange: {
    ...generatedPeerService.exchange,
    requestSerialize: encodeBridgeTunnelMessage,
    responseSerialize: encodeAgentTunnelMessage,
  },
} as const;

/** An agent's client. */
export const TunnelServiceClient = makeGenericClientConstructor(
  TunnelServiceService,
  GeneratedTunnelServiceClient.serviceName,
) as unknown as typeof GeneratedTunnelServiceClient;

/** A bridge's client. */
export const PeerServiceClient = makeGenericClientConstructor(
  PeerServiceService,
  GeneratedPeerServiceClient.serviceName,
) as unknown as typeof GeneratedPeerServiceClient;
