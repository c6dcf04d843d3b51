/** How both ends set up grpc-js for a link: one table each, with the reason of every line. */
import type { ClientOptions, ServerOptions } from '@grpc/grpc-js';
import { maxMessageBytes } from './limits.ts';

/** Both ends alike. */
const eitherEnd = {
  // Received messages end at 4 MiB by default; sent ones only where we say so.
  'grpc.max_receive_message_length': maxMessageBytes,
  'grpc.max_send_message_length': maxMessageBytes,
  // Heartbeats on the link notice a line that is cut, within 80 s. Pings beside them would cost
  // 0.3 MB a day and side; these are for connections on which nobody opens a link.
  'grpc.keepalive_time_ms': 600_000,
  'grpc.keepalive_timeout_ms': 10_000,
  // Its tables keep every channel and socket there ever was.
  'grpc.enable_channelz': 0,
} as const;

/** Options for the agent's channel. */
export const linkClientOptions: Readonly<ClientOptions> = Object.freeze({
  ...eitherEnd,
  'grpc.keepalive_permit_without_calls': 1,
  // The buffer for retries of a stream that lives for months grows without end.
  'grpc.enable_retries': 0,
  // Node's default of 64 KiB holds a link of 100 ms round trip at 640 kB/s. grpc-js heeds this on
  // the client alone, for what the bridge sends; the bridge widens its own windows.
  'grpc-node.flow_control_window': 2 * 1024 * 1024,
  // Two clients in one process must not share a connection that one of them closes.
  'grpc.use_local_subchannel_pool': 1,
});

/** Options for the bridge's server. */
export const linkServerOptions: Readonly<ServerOptions> = Object.freeze({ ...eitherEnd });
