/** The agent's end of a gRPC stream without gRPC: what was written, and a bridge's words. */
import { EventEmitter } from 'node:events';
import { Capability, type AgentMessage } from '@fairlead/protocol';
import type { BridgeMessageBody, LinkStream } from '../link-session.ts';
import type { AgentMessageBody } from '../link.ts';

/** Welcome as a bridge of this version says it. */
export const welcome: BridgeMessageBody = {
  $case: 'welcome',
  value: {
    protocolVersion: 1,
    codec: 3,
    bridgeId: 'bridge-1',
    maxMessageBytes: 4 * 1024 * 1024,
    maxBatchBytes: 1024 * 1024,
    heartbeatMs: 20_000,
    capabilities: [Capability.ANTI_ENTROPY],
    tunnelTicket: '',
    accountNames: [],
  },
};

/** A stream in a test's hands. */
export class FakeStream extends EventEmitter {
  /** What the agent wrote. */
  readonly written: AgentMessageBody[] = [];
  /** Whether the next `write` says that there is room for more. */
  hasRoom = true;
  /** Whether the agent ended its direction. */
  isEnded = false;
  /** Whether the agent gave the call up. */
  isCancelled = false;

  #onWritten: (() => void)[] = [];

  /** As grpc-js. */
  write({ message }: AgentMessage, onWritten?: () => void): boolean {
    if (message !== undefined) this.written.push(message);
    if (onWritten !== undefined) this.#onWritten.push(onWritten);
    return this.hasRoom;
  }

  /** Everything so far has left the process. */
  writtenOut(): void {
    for (const onWritten of this.#onWritten.splice(0)) onWritten();
  }

  /** As grpc-js. */
  end(): void {
    this.isEnded = true;
  }

  /** As grpc-js. */
  cancel(): void {
    this.isCancelled = true;
  }

  /** The bridge says something. */
  say(message: BridgeMessageBody): void {
    this.emit('data', { message });
  }

  /** In the type that a session wants. */
  get asLinkStream(): LinkStream {
    return this as unknown as LinkStream;
  }
}
