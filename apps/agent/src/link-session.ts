/**
 * One connection to a bridge, from dialling to its end: hello and welcome, messages in order with
 * back-pressure, heartbeats, and the watch for a bridge that has fallen silent.
 */
import type { ClientDuplexStream } from '@grpc/grpc-js';
import {
  capabilities,
  Capability,
  codecFromWire,
  maxPartBytes,
  missedHeartbeats,
  protocolVersions,
  type AgentMessage,
  type BridgeMessage,
  type Hello,
  type Welcome,
} from '@fairlead/protocol';
import type { AgentMessageBody, BatchSource, Link, LinkTerms } from './link.ts';
import { describeStreamError } from './stream-error.ts';

/** The stream of a link as grpc-js gives it. */
export type LinkStream = ClientDuplexStream<AgentMessage, BridgeMessage>;

/** One message of a bridge, without its envelope. */
export type BridgeMessageBody = NonNullable<BridgeMessage['message']>;

/** Messages that concern accounts and feeds; the rest is handled here. */
export type AccountMessage = Extract<
  BridgeMessageBody,
  {
    $case:
      | 'accountAccepted'
      | 'accountStandby'
      | 'accountRejected'
      | 'accountRevoked'
      | 'ack'
      | 'credit'
      | 'verifyFeed'
      | 'relistFeed'
      | 'knownObjects';
  }
>;

/** How a session ended. */
export interface LinkEnd {
  /** Why, for people. */
  readonly reason: string;
  /** The bridge asked to stay away for this long; `undefined`: the agent's own backoff decides. */
  readonly comeBackAfterMs: number | undefined;
  /** Whether the link had been open. */
  readonly wasOpen: boolean;
}

/** Time, as a session needs it. */
export interface SessionClock {
  /** Unix milliseconds. */
  nowMs(): number;
  /** Resolves after `ms`; rejects when `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** What a session works with. */
export interface LinkSessionOptions {
  /** Opens the stream; called once. */
  readonly open: () => LinkStream;
  /** Who says hello. */
  readonly hello: Pick<Hello, 'agentId' | 'instanceId' | 'agentVersion' | 'zone' | 'codecs'>;
  /** Time. */
  readonly clock: SessionClock;
  /** The link is open: accounts may register. */
  readonly onOpen: (link: Link) => void;
  /** A message for accounts or feeds. */
  readonly onMessage: (message: AccountMessage) => void;
  /** The bridge needs so many more tunnels. */
  readonly onNeedTunnels: (count: number) => void;
}

/** Longest wait for Welcome in milliseconds: dialling, TLS and a busy bridge. */
const welcomeTimeoutMs = 20_000;

/** After Goodbye, how long the bridge may take to end the stream, in milliseconds. */
const goodbyeTimeoutMs = 3_000;

/** After a drain's deadline, how long `reconnect` may still be on its way, in milliseconds. */
const drainGraceMs = 1_000;

/** So many bytes of changes are given to the stream before it has written them. */
const maxUnwrittenBytes = maxPartBytes;

/** A session is its own {@link Link}. */
export class LinkSession implements Link {
  readonly #options: LinkSessionOptions;
  readonly #stream: LinkStream;
  readonly #closed = new AbortController();
  readonly #outbox: AgentMessageBody[] = [];
  #source: BatchSource | undefined;
  /** Bytes of pieces given to the stream that it has not written yet. */
  #unwrittenBytes = 0;
  readonly #ended: Promise<LinkEnd>;
  #end: (end: LinkEnd) => void = () => undefined;
  #terms: LinkTerms | undefined;
  #canWrite = true;
  #isPumping = false;
  #hasLeft = false;
  #lastFeedId = 0;
  #isDraining = false;
  #heardAtMs: number;

  constructor(options: LinkSessionOptions) {
    this.#options = options;
    this.#ended = new Promise((resolve) => (this.#end = resolve));
    this.#heardAtMs = options.clock.nowMs();
    this.#stream = options.open();
    this.#listen();
    this.send({ $case: 'hello', value: helloMessage(options.hello) });
    void this.#awaitWelcome();
  }

  get terms(): LinkTerms {
    if (this.#terms === undefined) throw new Error('the link is not open yet');
    return this.#terms;
  }

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Settles when the connection is over, however it ended. */
  get ended(): Promise<LinkEnd> {
    return this.#ended;
  }

  nextFeedId(): number {
    this.#lastFeedId += 1;
    return this.#lastFeedId;
  }

  send(body: AgentMessageBody): void {
    if (this.#closed.signal.aborted) return;
    this.#outbox.push(body);
    this.#pump();
  }

  attach(source: BatchSource): void {
    this.#source = source;
  }

  wake(): void {
    this.#pump();
  }

  /** Says goodbye, lets what was sent go out, and ends; bounded by a few seconds. */
  async leave(reason: string): Promise<void> {
    if (this.#terms === undefined) {
      this.close(reason);
      return;
    }
    this.send({ $case: 'goodbye', value: { reason } });
    await Promise.race([this.#ended, this.#pause(goodbyeTimeoutMs)]);
    this.close(reason);
  }

  /** Ends it at once. */
  close(reason: string, comeBackAfterMs?: number): void {
    if (this.#closed.signal.aborted) return;
    const wasOpen = this.#terms !== undefined;
    this.#closed.abort();
    // Ends both directions and frees the HTTP/2 stream; `end` alone would wait for the bridge.
    this.#stream.cancel();
    this.#outbox.length = 0;
    this.#end({ reason, comeBackAfterMs, wasOpen });
  }

  #listen(): void {
    this.#stream.on('data', (message: BridgeMessage) => this.#receive(message));
    // One listener for the whole life of the stream: a late one would miss its event.
    this.#stream.on('drain', () => {
      this.#canWrite = true;
      this.#pump();
    });
    this.#stream.on('error', (error) => this.close(describeStreamError(error)));
    this.#stream.on('end', () => this.close('the bridge ended the link'));
  }

  /** Writes until the stream has enough: messages first, then pieces as it writes them. */
  #pump(): void {
    // A piece that is asked for may lead to a message, which must not be written before the piece.
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.#canWrite && !this.#hasLeft && !this.#closed.signal.aborted) {
      const body = this.#outbox.shift();
      if (body !== undefined) this.#writeMessage(body);
      else if (!this.#writePiece()) break;
    }
    this.#isPumping = false;
  }

  #writeMessage(body: AgentMessageBody): void {
    this.#canWrite = this.#stream.write({ message: body });
    if (body.$case !== 'goodbye') return;
    this.#hasLeft = true;
    this.#stream.end();
  }

  /**
   * What the stream has taken cannot be overtaken any more, so it gets no second batch of a
   * snapshot before it has written the first.
   */
  #writePiece(): boolean {
    if (this.#terms === undefined || this.#unwrittenBytes >= maxUnwrittenBytes) return false;
    const value = this.#source?.next(this.#unwrittenBytes === 0 ? 'any' : 'live');
    if (value === undefined) return false;
    const bytes = value.payload.byteLength;
    this.#unwrittenBytes += bytes;
    const message = { $case: 'batchPart', value } as const;
    this.#canWrite = this.#stream.write({ message }, () => {
      this.#unwrittenBytes -= bytes;
      this.#pump();
    });
    return true;
  }

  #receive({ message }: BridgeMessage): void {
    this.#heardAtMs = this.#options.clock.nowMs();
    if (message === undefined) return;
    switch (message.$case) {
      case 'welcome': {
        this.#opened(message.value);
        return;
      }
      case 'refused': {
        this.close(`the bridge refused the link: ${message.value.message}`);
        return;
      }
      case 'heartbeat':
        return undefined;
      case 'needTunnels':
        if (this.#terms !== undefined) this.#options.onNeedTunnels(message.value.count);
        return;
      case 'reconnect': {
        const { reason, afterMs } = message.value;
        this.close(`the bridge asks to reconnect: ${reason}`, afterMs);
        return;
      }
      case 'drain':
        this.#isDraining = true;
        void this.#endAfterDrain(message.value.deadlineMs);
        return undefined;
      default:
        if (this.#terms !== undefined) this.#options.onMessage(message);
    }
  }

  #opened(welcome: Welcome): void {
    if (this.#terms !== undefined) return;
    const terms = termsFromWelcome(welcome);
    if (typeof terms === 'string') {
      this.close(terms);
      return;
    }
    this.#terms = terms;
    void this.#keepAlive(welcome.heartbeatMs);
    this.#options.onOpen(this);
  }

  async #awaitWelcome(): Promise<void> {
    await this.#pause(welcomeTimeoutMs);
    if (this.#terms === undefined) this.close('the bridge did not answer in time');
  }

  /** A bridge that promised to go and does not say `reconnect` is left anyway. */
  async #endAfterDrain(deadlineMs: number): Promise<void> {
    await this.#pause(deadlineMs + drainGraceMs);
    this.close('the bridge has drained');
  }

  async #keepAlive(heartbeatMs: number): Promise<void> {
    const { clock } = this.#options;
    while (!this.#closed.signal.aborted) {
      await this.#pause(heartbeatMs);
      if (clock.nowMs() - this.#heardAtMs >= missedHeartbeats * heartbeatMs) {
        this.close('the bridge has fallen silent');
      }
      // While the stream takes nothing, one more heartbeat in the queue would help nobody.
      const value = { sentAtMs: clock.nowMs() };
      if (this.#outbox.length === 0) this.send({ $case: 'heartbeat', value });
    }
  }

  async #pause(ms: number): Promise<void> {
    await this.#options.clock.sleep(ms, this.#closed.signal).catch(ignoreAbort);
  }
}

/** The terms, or why there can be no link on them. */
function termsFromWelcome(welcome: Welcome): LinkTerms | string {
  if (!protocolVersions.includes(welcome.protocolVersion)) {
    return `the bridge speaks protocol version ${welcome.protocolVersion}`;
  }
  try {
    return {
      bridgeId: welcome.bridgeId,
      codec: codecFromWire(welcome.codec),
      maxBatchBytes: welcome.maxBatchBytes,
      // Room for the other fields of the message.
      maxPartBytes: Math.max(1, Math.min(maxPartBytes, welcome.maxMessageBytes - 1024)),
      hasAntiEntropy: welcome.capabilities.includes(Capability.ANTI_ENTROPY),
      tunnelTicket: welcome.tunnelTicket,
    };
  } catch (error: unknown) {
    return `the bridge chose an unknown compression: ${(error as Error).message}`;
  }
}

function helloMessage(hello: LinkSessionOptions['hello']): Hello {
  return {
    ...hello,
    protocolVersions: [...protocolVersions],
    capabilities: [...capabilities],
  };
}

function ignoreAbort(): void {
  // The session ended while waiting; its end is told elsewhere.
}
