/** Takes the tunnels that agents open: a tunnel says which link it belongs to, and then waits there. */
import { StreamWire, type TunnelClock } from '@fairlead/api-tunnel';
import { type AgentTunnelMessage, type BridgeTunnelMessage } from '@fairlead/protocol';
import { status, type ServerDuplexStream } from '@grpc/grpc-js';
import { cancelCall } from './cancel-call.ts';
import { type Tunnels } from './tunnels.ts';

/** The stream of a tunnel, at the bridge. */
export type TunnelCall = ServerDuplexStream<AgentTunnelMessage, BridgeTunnelMessage>;

/** What takes tunnels. */
export interface TunnelServerDeps {
  readonly tunnels: Pick<Tunnels, 'add'>;
  readonly clock: TunnelClock;
}

/** How long a stream may be without a word, in milliseconds. */
const helloTimeoutMs = 10_000;

/** Takes a stream. */
export function acceptTunnel(call: TunnelCall, { tunnels, clock }: TunnelServerDeps): void {
  const refuse = (details: string): void => {
    call.emit('error', { code: status.FAILED_PRECONDITION, details });
  };
  const wire = new StreamWire<BridgeTunnelMessage, AgentTunnelMessage>(call, {
    cancel: () => cancelCall(call),
  });
  const forget = clock.after(helloTimeoutMs, () => refuse('the tunnel says nothing'));
  wire.listen({
    message: ({ hello }) => {
      forget();
      if (hello === undefined) refuse('the tunnel does not say whose it is');
      // A proxy may have led it to the wrong bridge: the agent tries again.
      else if (!tunnels.add(hello.ticket, wire)) refuse('this bridge has no such link');
    },
    closed: forget,
  });
}
