/** Takes requests that came to another bridge, for clusters whose agents are linked to this one. */
import { status, type ServerDuplexStream } from '@grpc/grpc-js';
import { serveTunnel, StreamWire, type FindHandler, type TunnelClock } from '@fairlead/api-tunnel';
import { type AgentTunnelMessage, type BridgeTunnelMessage } from '@fairlead/protocol';
import { bearerOf } from '../access/client-credentials.ts';
import { cancelCall } from '../gateway/cancel-call.ts';
import { type PeerProof } from './peer-tokens.ts';

/** A stream of exchanges, at the bridge that answers. */
export type PeerCall = ServerDuplexStream<BridgeTunnelMessage, AgentTunnelMessage>;

/** What takes requests of other bridges. */
export interface PeerServerDeps {
  /** Who calls. */
  readonly verify: (token: string) => Promise<PeerProof>;
  /** Who answers for an account: agents of this bridge alone, so that nothing goes in circles. */
  readonly findHandler: FindHandler;
  readonly clock: TunnelClock;
  /** Somebody was not let in. */
  readonly refused: (peer: string, reason: string) => void;
  /** Something has failed that should not. */
  readonly fault: (error: unknown) => void;
}

/** Takes a stream; it stays paused until its sender is known. */
export async function acceptPeer(call: PeerCall, deps: PeerServerDeps): Promise<void> {
  const { verify, findHandler, clock, refused, fault } = deps;
  const wire = new StreamWire<AgentTunnelMessage, BridgeTunnelMessage>(call, {
    cancel: () => cancelCall(call),
  });
  const [authorization] = call.metadata.get('authorization');
  try {
    const proof = await verify(bearerOf(authorization?.toString()) ?? '');
    if (proof.kind === 'refused') {
      refused(call.getPeer(), proof.reason);
      call.emit('error', {
        code: status.UNAUTHENTICATED,
        details: 'not a bridge of this database',
      });
      return;
    }
  } catch (error: unknown) {
    fault(error);
    call.emit('error', { code: status.INTERNAL, details: 'the bridge has failed; see its log' });
    return;
  }
  serveTunnel({ wire, clock, findHandler, onFault: fault, onClosed: () => undefined });
}
